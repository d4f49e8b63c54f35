//! Answers about keys: each is matched to the key that it is about, regardless of the order in which they arrive.
//!
//! If a service leaves a key out or contradicts itself about a key, it is asked about that key alone. An answer about another key
//! does not count.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use keyferry_core::bi;

use crate::{Answer, Certainty, KeyRef, KeyView, Meaning, Refusal, Service, Told};

/// What the service says about these keys, in their order.
pub fn answers_for(service: &dyn Service, keys: &[KeyRef<'_>]) -> Vec<Answer<KeyView>> {
    let said = if keys.is_empty() { Vec::new() } else { service.look_up(keys) };
    let mut found: HashMap<KeyRef<'_>, Option<Answer<KeyView>>> = HashMap::with_capacity(said.len());
    for (key, answer) in said {
        match found.entry(key) {
            Entry::Vacant(none) => {
                none.insert(Some(answer));
            }
            // A repeated answer is accepted. If two answers differ, neither counts.
            Entry::Occupied(mut earlier) if earlier.get().as_ref() != Some(&answer) => {
                earlier.insert(None);
            }
            Entry::Occupied(_) => {}
        }
    }
    let answer = |key: &KeyRef<'_>| match found.get(key).cloned().flatten() {
        Some(answer) => about(*key, answer),
        None => answer_for(service, *key),
    };
    keys.iter().map(answer).collect()
}

/// What the service says about one key.
///
/// # Errors
/// [`Refusal`]; [`Meaning::BadReply`] for an answer about another key.
pub fn answer_for(service: &dyn Service, key: KeyRef<'_>) -> Answer<KeyView> {
    about(key, service.look_up_one(key))
}

fn about(key: KeyRef<'_>, answer: Answer<KeyView>) -> Answer<KeyView> {
    match answer {
        Ok(view) if view.key_id != *key.id => Err(other_key(key, &view)),
        answer => answer,
    }
}

fn other_key(KeyRef { id, .. }: KeyRef<'_>, view: &KeyView) -> Refusal {
    let found = &view.key_id;
    Told {
        code: None,
        short: "another key".to_owned(),
        meaning: Meaning::BadReply,
        certainty: Certainty::NotDone,
        passes: false,
        cause: bi!(
            "the service was asked about key {id}, but answered about key {found}",
            "向服务端查询的是密钥 {id}，回答却是关于密钥 {found} 的"
        ),
        who: None,
        next: bi!(
            "check that this is the service's endpoint and that no proxy is in between, then run the same command again; nothing was done with this key",
            "请检查接入地址是否正确、中间是否有代理，然后重新运行同一命令；未对该密钥做任何操作"
        ),
    }
    .into()
}
