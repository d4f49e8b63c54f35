//! `no-radio`: no Wi-Fi, Bluetooth, mobile or near-field radio, or each one blocked.
//!
//! `/sys/class/rfkill` has a switch for each radio. A radio without a switch counts as able to send. Root can lift a soft block,
//! and the row says so; removing the radio is better.

use keyferry_core::bi;

use super::files::{self, Unseen};
use super::{Roots, Seen};

/// Folders of `/sys/class` that contain radios, and the names that their switches use.
const RADIOS: [(&str, &str); 4] =
    [("ieee80211", "wlan"), ("bluetooth", "bluetooth"), ("wwan", "wwan"), ("nfc", "nfc")];

pub(super) fn look(roots: &Roots) -> Seen {
    match look_closer(roots) {
        Ok(seen) => seen,
        Err(unseen) => Seen::fail(unseen.text()),
    }
}

fn look_closer(roots: &Roots) -> Result<Seen, Unseen> {
    let class = roots.sys("class");
    let classes = files::names(&class)?;
    // A kernel without this feature does not have the folder.
    let devices = |folder: &str| match classes.iter().any(|c| c == folder) {
        true => files::names(&class.join(folder)),
        false => Ok(Vec::new()),
    };
    let (mut open, mut blocked, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
    for name in devices("rfkill")? {
        let file = |f: &str| files::word(&class.join("rfkill").join(&name).join(f));
        let kind = file("type")?;
        let label = format!("{kind} {}", file("name").unwrap_or_else(|_| name.clone()));
        match (file("hard")?.as_str(), file("soft")?.as_str()) {
            ("1", _) => blocked.push(format!("{label} (hard)")),
            ("0", "1") => blocked.push(format!("{label} (soft)")),
            _ => open.push(label),
        }
        kinds.push(kind);
    }
    for (folder, kind) in RADIOS {
        let radios = devices(folder)?;
        if !kinds.iter().any(|k| k == kind) {
            open.extend(radios.into_iter().map(|name| format!("{kind} {name}")));
        }
    }
    open.extend(wireless_interfaces(roots)?);
    if !open.is_empty() {
        let open = files::few(&open);
        return Ok(Seen::fail(bi!("can send: {open}", "可以发射：{open}")));
    }
    if blocked.is_empty() {
        return Ok(Seen::pass(bi!("none", "无")));
    }
    let blocked = files::few(&blocked);
    Ok(Seen::pass(bi!("blocked: {blocked}", "已屏蔽：{blocked}")))
}

/// Interfaces that report a signal; a kernel without wireless extensions has no such file.
fn wireless_interfaces(roots: &Roots) -> Result<Vec<String>, Unseen> {
    match files::text(&roots.proc("self/net/wireless")) {
        Err(e) if e.missing => Ok(Vec::new()),
        Err(e) => Err(e),
        Ok(text) => {
            let rows = text.lines().skip(2).filter_map(|l| l.split_once(':'));
            Ok(rows.map(|(name, _)| format!("wlan {}", name.trim())).collect())
        }
    }
}
