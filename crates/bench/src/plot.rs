//! Drawings as inline SVG: bars with interval whiskers, a log-log curve, a dot on a log scale.
//!
//! Horizontal positions are in percent of the available width; vertical positions and text sizes are in pixels. So a drawing fits
//! a phone or a desktop, and its letters keep their size. Colours are classes of the page's style.

use super::statistics::{Estimate, count};
use super::words;
use keyferry_transport::html::Html;

/// One bar of a chart.
pub(super) struct Bar {
    /// Style class, which identifies the contender.
    pub(super) class: &'static str,
    pub(super) label: String,
    /// Shown next to the value, such as the ratio.
    pub(super) note: String,
    pub(super) value: Estimate,
}

/// A description of a drawing, for people who use a screen reader.
pub(super) struct Caption<'a> {
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// Pixels from one bar to the next: a line of text, the bar, and a gap.
const ROW: usize = 46;
/// Pixels below the bars, for the scale.
const SCALE: usize = 22;

/// Bars from zero to `max`, which the neighbouring charts also use.
pub(super) fn bars(html: &mut Html, caption: &Caption<'_>, bars: &[Bar], max: f64, unit: &str) {
    let bottom = bars.len() * ROW;
    drawing(html, caption, bottom + SCALE, |html| {
        for tick in ticks(max) {
            let x = tick / max;
            line(html, "grid", (x, 0.0), (x, count(bottom)));
            let label = if tick > 0.0 { words::axis(tick) } else { format!("0 {unit}") };
            text(html, "tick", (x, count(bottom) + 16.0), anchor(x), &label);
        }
        for (n, bar) in bars.iter().enumerate() {
            draw_bar(html, bar, count(n * ROW), max, unit);
        }
    });
}

fn draw_bar(html: &mut Html, bar: &Bar, top: f64, max: f64, unit: &str) {
    let value = format!("{} {unit}{}", words::number(bar.value.median()), bar.note);
    text(html, "label", (0.0, top + 14.0), "start", &bar.label);
    text(html, "value", (1.0, top + 14.0), "end", &value);
    let (x, width) = (percent(0.0), percent((bar.value.median() / max).min(1.0)));
    let class = format!("bar {}", bar.class);
    let y = pixels(top + 20.0);
    html.void(
        "rect",
        &[("class", &class), ("x", &x), ("y", &y), ("width", &width), ("height", "16"), ("rx", "1.5")],
    );
    let (low, high) = (bar.value.low() / max, (bar.value.high() / max).min(1.0));
    let middle = top + 28.0;
    line(html, "halo", (low, middle), (high, middle));
    line(html, "whisker", (low, middle), (high, middle));
    for end in [low, high] {
        line(html, "whisker", (end, middle - 4.0), (end, middle + 4.0));
    }
}

/// One point of a curve: the number of keys, and the value for each key.
pub(super) struct Point {
    pub(super) keys: usize,
    pub(super) value: Estimate,
}

/// Height of a curve's drawing, and of the plot inside it.
const CURVE: usize = 250;
const PLOT: (f64, f64) = (26.0, 214.0);
/// The part of the width that contains points.
const ACROSS: (f64, f64) = (0.15, 0.93);

/// A curve over the number of keys, with two logarithmic axes.
pub(super) fn curve(
    html: &mut Html,
    caption: &Caption<'_>,
    points: &[Point],
    most_keys: usize,
    class: &'static str,
) {
    let positive = points.iter().filter(|p| p.value.low() > 0.0);
    let (mut least, mut most) = (f64::INFINITY, 0.0f64);
    for point in positive {
        (least, most) = (least.min(point.value.low()), most.max(point.value.high()));
    }
    if most <= 0.0 {
        return;
    }
    let (bottom, top) = (decade_below(least), decade_above(most));
    let decades = count(most_keys.max(10)).log10();
    let x = |keys: usize| ACROSS.0 + (ACROSS.1 - ACROSS.0) * count(keys).log10() / decades;
    let y = |v: f64| PLOT.1 - (PLOT.1 - PLOT.0) * (v / bottom).log10() / (top / bottom).log10();
    drawing(html, caption, CURVE, |html| {
        for value in log_ticks(bottom, top) {
            line(html, "grid", (ACROSS.0 - 0.03, y(value)), (1.0, y(value)));
            text(html, "tick", (ACROSS.0 - 0.05, y(value) + 4.0), "end", &words::axis(value));
        }
        for keys in (0..=6).map(|n| 10usize.pow(n)).filter(|k| *k <= most_keys) {
            text(html, "tick", (x(keys), PLOT.1 + 20.0), "middle", &words::grouped(count(keys)));
        }
        let at: Vec<(f64, f64)> = points.iter().map(|p| (x(p.keys), y(p.value.median()))).collect();
        for (from, to) in at.iter().zip(at.iter().skip(1)) {
            line(html, &format!("curve {class}"), *from, *to);
        }
        for (point, at) in points.iter().zip(&at) {
            line(html, "whisker", (at.0, y(point.value.low())), (at.0, y(point.value.high())));
            let (cx, cy) = (percent(at.0), pixels(at.1));
            html.void(
                "circle",
                &[("class", &format!("dot {class}")), ("cx", &cx), ("cy", &cy), ("r", "4.5")],
            );
            let above = y(point.value.high()).min(at.1 - 4.5) - 7.0;
            text(html, "value", (at.0, above), "middle", &words::ratio(point.value.median()));
        }
    });
}

/// A dot between `least` and `most` on a logarithmic scale; the table's cell next to it shows the number.
pub(super) fn dot(html: &mut Html, value: &Estimate, least: f64, most: f64) {
    let x = |v: f64| 0.04 + 0.92 * ((v.max(least) / least).ln() / (most / least).ln()).clamp(0.0, 1.0);
    html.nest("svg", &[("class", "spark"), ("height", "14"), ("aria-hidden", "true")], |html| {
        line(html, "grid", (0.0, 7.0), (1.0, 7.0));
        line(html, "whisker", (x(value.low()), 7.0), (x(value.high()), 7.0));
        let cx = percent(x(value.median()));
        html.void("circle", &[("class", "dot ours"), ("cx", &cx), ("cy", "7"), ("r", "4")]);
    });
}

fn drawing(html: &mut Html, caption: &Caption<'_>, height: usize, inner: impl FnOnce(&mut Html)) {
    let (title, description) = (html.id(), html.id());
    let height = height.to_string();
    let labelled = format!("{title} {description}");
    let attributes: keyferry_transport::html::Attributes<'_> =
        &[("role", "img"), ("aria-labelledby", &labelled), ("width", "100%"), ("height", &height)];
    html.nest("svg", attributes, |html| {
        html.leaf("title", &[("id", &title)], caption.title);
        html.leaf("desc", &[("id", &description)], caption.description);
        inner(html);
    });
}

fn line(html: &mut Html, class: &str, from: (f64, f64), to: (f64, f64)) {
    let (x1, y1, x2, y2) = (percent(from.0), pixels(from.1), percent(to.0), pixels(to.1));
    html.void("line", &[("class", class), ("x1", &x1), ("y1", &y1), ("x2", &x2), ("y2", &y2)]);
}

fn text(html: &mut Html, class: &str, at: (f64, f64), anchor: &str, text: &str) {
    let (x, y) = (percent(at.0), pixels(at.1));
    html.leaf("text", &[("class", class), ("x", &x), ("y", &y), ("text-anchor", anchor)], text);
}

/// Keeps text at the edges inside the drawing.
fn anchor(x: f64) -> &'static str {
    match x {
        x if x < 0.03 => "start",
        x if x > 0.95 => "end",
        _ => "middle",
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

fn pixels(at: f64) -> String {
    format!("{at:.1}")
}

/// Three to six round numbers from zero to `max`.
fn ticks(max: f64) -> Vec<f64> {
    let rough = max / 4.0;
    let unit = decade_below(rough);
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * unit).into_iter().find(|s| *s >= rough).unwrap_or(rough);
    (0..10).map(|n| f64::from(n) * step).take_while(|t| *t <= max * 1.0001).collect()
}

fn decade_below(v: f64) -> f64 {
    10f64.powf(v.log10().floor())
}

fn decade_above(v: f64) -> f64 {
    10f64.powf((v * 1.0001).log10().ceil())
}

/// Powers of ten; within a single decade, also its multiples by 2 and 5.
fn log_ticks(bottom: f64, top: f64) -> Vec<f64> {
    let steps: &[f64] = if top / bottom < 11.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let decades = (0..12).map(|n| bottom * 10f64.powi(n));
    let all = decades.flat_map(|d| steps.iter().map(move |s| d * s));
    all.filter(|v| *v <= top * 1.0001).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round() {
        assert_eq!(ticks(137.0), [0.0, 50.0, 100.0]);
        assert_eq!(ticks(4.0), [0.0, 1.0, 2.0, 3.0, 4.0]);
        for max in [0.3, 7.0, 19.2, 35.0, 180.0, 12_345.0] {
            assert!((3..=6).contains(&ticks(max).len()), "{max}: {:?}", ticks(max));
        }
        assert_eq!(log_ticks(100.0, 1000.0), [100.0, 200.0, 500.0, 1000.0]);
        assert_eq!(log_ticks(1.0, 1000.0), [1.0, 10.0, 100.0, 1000.0]);
        assert!(decade_above(100.0) >= 100.0 && decade_below(100.0) <= 100.0);
    }
}
