//! The tables as text, in both languages.

use keyferry_core::{Lang, bi};

use super::{Join, Tables};

/// Every line.
pub(super) fn lines(tables: &Tables, lang: Lang) -> Vec<String> {
    let mut out = vec![bi!("payload bytes per frame", "每帧载荷字节数").get(lang).to_owned()];
    for one in &tables.capacity {
        out.push(format!("  v{:<3} {}  {:>5}", one.version, one.level, one.bytes));
    }
    out.push(String::new());
    let title = bi!(
        "frames shown until complete; × is the mean as a multiple of K / (1 − p); seen: p99, counted from the first frame that is seen",
        "完成所需显示的帧数；× 为均值与 K / (1 − p) 之比；seen：从看到的第一帧算起的 p99"
    );
    out.push(title.get(lang).to_owned());
    out.push(format!(
        "  {:<9} {:>4} {:>5} {:<6} {:>9} {:>6} {:>6} {:>6} {:>6}",
        "", "K", "p", "", "mean", "×", "p50", "p99", "seen"
    ));
    for cell in &tables.crossing {
        let join = match cell.join {
            Join::Start => bi!("start", "起点"),
            Join::Early => bi!("early", "早"),
            Join::Late => bi!("late", "晚"),
        };
        out.push(format!(
            "  {:<9} {:>4} {:>4}% {:<6} {:>9.2} {:>6.3} {:>6} {:>6} {:>6}",
            cell.scheme,
            cell.blocks,
            cell.loss_percent,
            join.get(lang),
            cell.mean,
            cell.ratio,
            cell.p50,
            cell.p99,
            cell.p99_from_first_seen
        ));
    }
    out
}
