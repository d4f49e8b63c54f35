//! Checks whether a page is well formed, for the tests of all code that writes pages.

/// Checks that every tag is closed in order, every attribute is quoted, and no text contains a bare `<` or
/// `&`.
///
/// # Errors
/// A text that says what is wrong, and where.
pub fn well_formed(page: &str) -> Result<(), String> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>\n").ok_or("no doctype")?;
    let mut open: Vec<&str> = Vec::new();
    while let Some((text, tagged)) = rest.split_once('<') {
        entities(text)?;
        let (tag, after) = tagged.split_once('>').ok_or("a tag without an end")?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let opened = open.pop();
            if opened != Some(name) {
                return Err(format!("</{name}> closes {opened:?}"));
            }
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if attributes.matches('"').count() % 2 != 0 {
            return Err(format!("quotes in <{tag}>"));
        }
        entities(attributes)?;
        if !tag.ends_with('/') {
            open.push(name);
        }
        if name == "style" {
            let end = rest.find("</style>").ok_or("a style without an end")?;
            rest = rest.get(end..).unwrap_or_default();
        }
    }
    if open.is_empty() && rest.trim().is_empty() { Ok(()) } else { Err(format!("{open:?} stay open")) }
}

fn entities(text: &str) -> Result<(), String> {
    for piece in text.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|e| piece.starts_with(e));
        if !known {
            return Err(format!("a bare & before {piece:.20}"));
        }
    }
    Ok(())
}
