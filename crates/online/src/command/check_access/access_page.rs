//! What `check-access` shows: a row for each region and action, the rights that the ceremony does not need, and what is left to try.

use keyferry_core::{Bilingual, Region, bi};
use keyferry_service::{Right, Use};
use keyferry_transport::{Console, printable};
use serde_json::{Value, json};

use super::Place;
use crate::access::Actions;

/// Shows the answers that would make a ceremony fail (with `-v`, every answer), how many there are, and what they mean.
pub(super) fn show(console: &Console, places: &[Place<'_>]) {
    let console = &console.to_read();
    let header = [
        bi!("REGION", "地域"),
        bi!("ACTION", "操作"),
        bi!("FOR", "用途"),
        bi!("RIGHT", "权限"),
        bi!("ANSWER", "回答"),
    ];
    let header = header.map(|name| name.get(console.lang()).to_owned());
    let rows = places.iter().flat_map(|place| {
        let shown = place.rights.iter().filter(|(_, of, right)| console.is_verbose() || fails(*of, right));
        shown.map(|(action, of, right)| {
            let (of, held) = (use_words(*of), right_words(right));
            let cells = [
                place.region.to_string(),
                (*action).to_owned(),
                of.get(console.lang()).to_owned(),
                held.get(console.lang()).to_owned(),
                right.answer().to_owned(),
            ];
            cells.map(|cell| printable::line(&cell))
        })
    });
    let rows: Vec<_> = core::iter::once(header).chain(rows).collect();
    if !console.json() && rows.len() > 1 {
        console.table(&rows);
    }
    places.iter().for_each(|place| console.say(&count(place)));
    places.iter().for_each(|place| beyond(console, place));
    console.say(&limits());
    console.say(&whole_round());
}

/// Whether this answer means that a ceremony would fail.
fn fails(of: Use, right: &Right) -> bool {
    of == Use::Ceremony && !right.may()
}

/// How many rights the ceremony needs in a region, and what is known about them.
fn count(place: &Place<'_>) -> Bilingual {
    let (region, asked) = (place.region, place.rights.len());
    let count = |which: fn(&Right) -> bool| place.needed(which).len();
    let all = count(|_| true);
    let held = count(|right| matches!(right, Right::Held));
    let likely = count(|right| matches!(right, Right::Likely(_)));
    let missing = count(Right::is_missing);
    let unknown = all - held - likely - missing;
    bi!(
        "  {region}: the ceremony needs {all} rights: {held} held, {likely} likely, {missing} missing, {unknown} not known (-v shows \
         all {asked} answers)",
        "  {region}：仪式需要 {all} 项权限：{held} 项有，{likely} 项很可能有，{missing} 项无，{unknown} 项未知（-v 列出全部 {asked} 个回答）"
    )
}

fn use_words(of: Use) -> Bilingual {
    match of {
        Use::Ceremony => bi!("ceremony", "仪式"),
        Use::Beyond => bi!("beyond", "多余"),
        Use::Reads => bi!("reads", "只读"),
    }
}

fn right_words(right: &Right) -> Bilingual {
    match right {
        Right::Held => bi!("yes", "有"),
        Right::Likely(_) => bi!("likely", "很可能有"),
        Right::Missing(_) => bi!("no", "无"),
        Right::Elsewhere(_) | Right::Unknown(_) => bi!("not known", "未知"),
    }
}

/// The rights of the credentials that the ceremony does not need.
fn beyond(console: &Console, place: &Place<'_>) {
    let (region, kinds) = (place.region, place.expected());
    let actions = place.beyond();
    if actions.0.is_empty() {
        console.say(&bi!(
            "  {region} (expected edition {kinds}): no right beyond the ceremony's was found",
            "  {region}（预期版本 {kinds}）：未发现超出仪式所需的权限"
        ));
        return;
    }
    console.say(&bi!(
        "  {region} (expected edition {kinds}): beyond the ceremony's needs these credentials may call {actions}. Have these rights \
         taken away before the day",
        "  {region}（预期版本 {kinds}）：除仪式所需之外，这些凭证还能调用 {actions:#}。请在仪式之前收回这些权限"
    ));
}

fn limits() -> Bilingual {
    bi!(
        "  \"likely\" means: the service refused the content of the request. It is not known whether it checks the right first, least of \
         all for Decrypt, so a likely right may still be missing.",
        "  “很可能有”表示：服务端因请求内容而拒绝。服务端是否先检查权限尚不清楚，Decrypt 尤其如此，因此这样的权限仍可能缺失。"
    )
}

/// How to test the rights that no harmless request can show.
fn whole_round() -> Bilingual {
    bi!(
        "  Only a complete ceremony with a throw-away key proves that material can be imported: write a plan with another ceremony id and one key \
         for each region, each with its own alias; do runbook steps 3 to 10 with it; then `disable` the key and run \
         `schedule-deletion --days 7`. It costs one key for each region until its deletion, for seven days at least, and some 20 requests \
         for each key. keyferry does not know prices: see the provider's price page.",
        "  只有用一次性密钥走完整个流程，才能证明可以导入材料：另写一份计划，使用另一个仪式编号，每个地域一个密钥，别名各不相同；\
         用它完成操作手册步骤 3 至 10；然后对该密钥运行 disable 与 `schedule-deletion --days 7`。费用：每个地域一个密钥，计费到删除为止（至少 7 天），\
         每个密钥约 20 次请求。keyferry 不掌握价格，请查看服务商的价格页面。"
    )
}

/// What was found about a region.
pub(super) fn as_json(place: &Place<'_>, listed: Option<&[Region]>) -> Value {
    let actions: Vec<Value> = place
        .rights
        .iter()
        .map(|(action, of, right)| {
            json!({
                "action": action, "for": of.as_str(), "right": right.as_str(), "answer": right.answer(),
            })
        })
        .collect();
    let keys: Vec<Value> = place
        .keys
        .iter()
        .map(|key| {
            let found = key.key_id.as_ref().and_then(|id| place.found.get(id));
            json!({
                "alias": key.alias, "key_id": key.key_id, "state": found.map(|k| k.state.as_str()),
                "edition": found.and_then(|k| k.kind.ok()).map(|kind| kind.name),
            })
        })
        .collect();
    let names = |actions: &Actions| actions.0.clone();
    let missing = Actions(place.needed(Right::is_missing).iter().map(|(a, _)| *a).collect());
    json!({
        "region": place.region,
        "listed": listed.map(|listed| listed.contains(place.region)),
        "edition_expected": place.expected(), "keys": keys, "actions": actions,
        "missing": names(&missing), "beyond": names(&place.beyond()),
    })
}

impl Place<'_> {
    /// Actions that change or use keys, that the ceremony does not need, and that the credentials may call.
    fn beyond(&self) -> Actions {
        let beyond = self.rights.iter().filter(|(_, of, right)| *of == Use::Beyond && right.may());
        Actions(beyond.map(|(action, _, _)| *action).collect())
    }
}
