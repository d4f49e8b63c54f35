//! Plans: what a forger reads in the reviewed one, and similar plans.

/// One key of a plan.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) alias: String,
    pub(crate) region: String,
    pub(crate) key_id: String,
}

/// The value of the first assignment of this name.
pub(crate) fn value(plan: &str, name: &str) -> Option<String> {
    let value = plan.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix('='))?;
    Some(value.trim().trim_matches('"').to_owned())
}

pub(crate) fn keys(plan: &str) -> Vec<Key> {
    let one = |part: &str| {
        let part = part.split("\n[").next().unwrap();
        let text = |name: &str| value(part, name).unwrap_or_default();
        Key { alias: text("alias"), region: text("region"), key_id: text("key_id") }
    };
    plan.split("[[key]]\n").skip(1).map(one).collect()
}

/// The plan with a comment that nobody reviewed: the same content under another digest.
pub(crate) fn with_comment(plan: &str) -> String {
    plan.to_owned() + "# not the plan that was reviewed\n"
}

/// The plan without a backup, with a reason that the attacker invented.
pub(crate) fn without_backup(plan: &str) -> String {
    let (before, _) = plan.split_once("[backup]").unwrap();
    format!("{before}[backup]\nscheme = \"none\"\nreason = \"not needed\"\n")
}
