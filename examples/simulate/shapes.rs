//! What pictures are made of: styles, shapes, texts of about known width, the legend.

use svg::{
    Node as _,
    node::element::{Definitions, Group, Line, Path, Pattern, Rectangle, Text, Title},
};

pub(crate) const WIDTH: f64 = 1200.0;
pub(crate) const MARGIN: f64 = 28.0;
/// Where the plot begins.
pub(crate) const LEFT: f64 = 204.0;
/// Where the plot ends.
pub(crate) const RIGHT: f64 = WIDTH - MARGIN;

/// The colours and the type.
pub(crate) const STYLE: &str = "
text { font-family: Inter, 'Segoe UI', 'Helvetica Neue', Helvetica, Arial, sans-serif; font-size: 12px; fill: #1f2937; }
.title { font-size: 19px; font-weight: 600; }
.quiet { fill: #6b7280; font-size: 12px; }
.name { font-size: 13px; font-weight: 600; }
.small { font-size: 10.5px; }
.tick { fill: #6b7280; font-size: 11px; text-anchor: middle; paint-order: stroke; stroke: #ffffff; stroke-width: 5px; }
.right { text-anchor: end; }
.middle { text-anchor: middle; }
.paper { fill: #ffffff; }
.grid { stroke: #e9ecf1; stroke-width: 1; }
.rule { stroke: #d5dae2; stroke-width: 1; }
.waiting { fill: #c6ccd6; }
.pulling { fill: #58a3dd; }
.held { fill: url(#held); stroke: #d97845; stroke-width: 0.8; }
.running { fill: #f2b632; }
.ready { fill: #2f9e6e; }
.stopping { fill: #8270c9; }
.ok { fill: #a3b5ca; }
.failed { fill: #d4505a; }
.on { fill: #fff; font-size: 10.5px; font-weight: 600; }
.onrunning { fill: #5c4408; font-size: 10.5px; font-weight: 600; }
.heldpaper { fill: #fff1e8; }
.onheld { fill: #97430f; font-size: 10.5px; text-anchor: middle; }
.above { fill: #c9303c; font-size: 9.5px; font-weight: 600; text-anchor: middle; }
.codeok { fill: #dfe7f0; stroke: #8fa6c0; stroke-width: 0.8; }
.codefailed { fill: #c9303c; stroke: #ffffff; stroke-width: 0.8; }
.codeoktext { fill: #33506e; font-size: 10.5px; font-weight: 600; text-anchor: middle; }
.codefailedtext { fill: #ffffff; font-size: 10.5px; font-weight: 600; text-anchor: middle; }
.good { fill: #23835a; }
.bad { fill: #c9303c; }
.probe { fill: #6b7280; font-size: 10px; }
.hook { fill: none; stroke: #8270c9; stroke-width: 1.4; }
.hooktext { fill: #5f4fae; font-size: 10.5px; }
.grace { stroke: #8270c9; stroke-width: 1.2; stroke-dasharray: 2 2; fill: none; }
.deleted { stroke: #8270c9; stroke-width: 1.2; stroke-dasharray: 5 3; }
.deletedtext { fill: #5f4fae; font-size: 11.5px; font-weight: 600; }
.ending { fill: #8270c9; fill-opacity: 0.07; }
.true { fill: #93cdb1; }
.false { fill: #eceff3; stroke: #cfd5de; stroke-width: 0.6; }
.unknown { fill: #f4dfae; }
.Pending { fill: #e2e6ec; }
.Running { fill: #cdeadb; }
.Succeeded { fill: #cfdeec; }
.Failed { fill: #f5cdd0; }
.Unknown { fill: #f4dfae; }
";

/// What is drawn for a back-off.
pub(crate) fn hatching() -> Definitions {
    let paper = Rectangle::new()
        .set("width", 7)
        .set("height", 7)
        .set("fill", "#fff1e8");
    let stroke = Path::new()
        .set("d", "M-1,1 l2,-2 M0,7 l7,-7 M6,8 l2,-2")
        .set("stroke", "#e59566")
        .set("stroke-width", 1.6);
    let pattern = Pattern::new()
        .set("id", "held")
        .set("width", 7)
        .set("height", 7)
        .set("patternUnits", "userSpaceOnUse")
        .add(paper)
        .add(stroke);
    Definitions::new().add(pattern)
}

/// A number with one digit behind the point, and none where it is whole.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.trim_end_matches(".0").to_owned()
}

/// How wide a text is, about; bold ones are wider.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * 0.6
}

pub(crate) const BOLD: f64 = 1.12;

/// A text without what XML cannot hold, and no longer than there is room for.
pub(crate) fn fitted(text: &str, size: f64, room: f64) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    if width(&text, size) <= room {
        return text;
    }
    let mut short = String::new();
    for c in text.chars() {
        if width(&short, size) + size > room {
            break;
        }
        short.push(c);
    }
    format!("{short}…")
}

pub(crate) fn rectangle(class: &str, x: f64, y: f64, width: f64, height: f64) -> Rectangle {
    Rectangle::new()
        .set("class", class)
        .set("x", number(x))
        .set("y", number(y))
        .set("width", number(width.max(0.0)))
        .set("height", number(height))
}

pub(crate) fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Line {
    Line::new()
        .set("class", class)
        .set("x1", number(from.0))
        .set("y1", number(from.1))
        .set("x2", number(to.0))
        .set("y2", number(to.1))
}

pub(crate) fn text(class: &str, x: f64, y: f64, content: &str) -> Text {
    let text = Text::new(fitted(content, 1.0, f64::MAX))
        .set("x", number(x))
        .set("y", number(y));
    match class {
        "" => text,
        class => text.set("class", class),
    }
}

pub(crate) fn titled<T: svg::Node>(mut shape: T, title: &str) -> T {
    shape.append(Title::new(fitted(title, 1.0, f64::MAX)));
    shape
}

/// What the colours mean.
pub(crate) fn legend(y: f64) -> (Group, f64) {
    let mut group = Group::new().add(line("rule", (MARGIN, y - 12.0), (RIGHT, y - 12.0)));
    let mut x = MARGIN;
    let middle = y + 7.0;
    let bars: [(&str, f64, &str); 7] = [
        ("waiting", 2.0, "waiting"),
        ("pulling", 5.0, "pulling"),
        ("running", 12.0, "running, not ready"),
        ("ready", 12.0, "running, ready"),
        ("held", 10.0, "back-off"),
        ("stopping", 12.0, "stopping"),
        ("ok", 3.0, "terminated"),
    ];
    for (class, thickness, label) in bars {
        group.append(rectangle(
            class,
            x,
            middle - thickness / 2.0,
            24.0,
            thickness,
        ));
        group.append(text("", x + 30.0, middle + 4.0, label));
        x += 30.0 + width(label, 12.0) + 14.0;
    }
    for (class, code) in [("codeok", "0"), ("codefailed", "1")] {
        group.append(rectangle(class, x, middle - 8.0, 15.0, 16.0).set("rx", 4));
        group.append(text(&format!("{class}text"), x + 7.5, middle + 4.0, code));
        x += 19.0;
    }
    group.append(text("", x + 3.0, middle + 4.0, "exit code"));
    x += width("exit code", 12.0) + 24.0;
    let up = format!("M{},{} l4,7 h-8 z", number(x + 4.0), number(middle - 4.0));
    let down = format!("M{},{} l4,-7 h-8 z", number(x + 16.0), number(middle + 4.0));
    group.append(Path::new().set("class", "good").set("d", up));
    group.append(Path::new().set("class", "bad").set("d", down));
    group.append(text("", x + 26.0, middle + 4.0, "probe"));
    x += 26.0 + width("probe", 12.0) + 20.0;
    group.append(line("grace", (x, middle), (x + 24.0, middle)));
    group.append(text("", x + 30.0, middle + 4.0, "grace"));
    (group, y + 14.0)
}
