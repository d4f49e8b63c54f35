//! Why a request did not succeed: what it means to a ceremony, and whether the work may have been done
//! nevertheless.

use keyferry_core::{Bilingual, Control, refusals};

refusals! {
    /// A request that did not succeed. The provider chooses the words, but the meanings are the same for all.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Refusal(told: Box<Told>): Remote => (told.meaning.control()), what(told.cause.clone()), hint(told.advice());
}

/// A provider's description of a request that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The service's code, if the service itself refused.
    pub code: Option<String>,
    /// How the request ended, in a word.
    pub short: String,
    /// What it means.
    pub meaning: Meaning,
    /// Whether the work may have been done.
    pub certainty: Certainty,
    /// The same request may succeed later without any action.
    pub passes: bool,
    /// What happened.
    pub cause: Bilingual,
    /// Who has to act, if it is not the person at this station.
    pub who: Option<Bilingual>,
    /// What to do.
    pub next: Bilingual,
}

/// The meaning of a failed request for a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// No byte of the request was sent.
    Unsent,
    /// It was sent, at least in part, but no answer came.
    Silence,
    /// The reply is not an answer to the request.
    BadReply,
    /// The credentials lack the right to send the request.
    Denied,
    /// The service does not accept the credentials: it would refuse any request.
    Credentials,
    /// There were too many requests, or the service is busy.
    Busy,
    /// The service does not have this region.
    NoSuchRegion,
    /// The key does not exist.
    NoSuchKey,
    /// Another key has the alias.
    AliasTaken,
    /// The key is bound to other material.
    OtherMaterial,
    /// The service examined the content of the request and refused it.
    Content,
    /// Any other refusal.
    Other,
}

/// Whether the work may have been done although no success was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The work was not done.
    NotDone,
    /// It is unknown.
    Unknown,
}

impl Meaning {
    /// The service refused the content of the request; the sender and the time do not matter.
    #[must_use]
    pub const fn is_about_content(self) -> bool {
        matches!(self, Self::NoSuchKey | Self::AliasTaken | Self::OtherMaterial | Self::Content)
    }

    const fn control(self) -> Control {
        match self {
            Self::Unsent | Self::Silence => Control::NET_FAILED,
            Self::BadReply => Control::NET_REPLY,
            Self::Denied
            | Self::Credentials
            | Self::Busy
            | Self::NoSuchRegion
            | Self::NoSuchKey
            | Self::AliasTaken
            | Self::OtherMaterial
            | Self::Content
            | Self::Other => Control::KMS_REFUSED,
        }
    }
}

impl From<Told> for Refusal {
    fn from(told: Told) -> Self {
        Self(Box::new(told))
    }
}

impl Refusal {
    /// What it means.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        self.0.meaning
    }

    /// The service's code, if the service itself refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// How the request ended, in a word.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0.short
    }

    /// Whether the service may have done the work nevertheless.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        self.0.certainty == Certainty::Unknown
    }

    /// Whether the same request may succeed later without any action.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.0.passes
    }
}

impl Told {
    /// The hint: who acts, and what they do.
    fn advice(&self) -> Bilingual {
        let Bilingual { en, zh } = &self.next;
        match &self.who {
            Some(who) => Bilingual { en: format!("{}: {en}", who.en), zh: format!("{}：{zh}", who.zh) },
            None => self.next.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use keyferry_core::{Class, Explain, bi};

    use super::*;

    fn told(meaning: Meaning, who: Option<Bilingual>) -> Refusal {
        Told {
            code: Some("C".into()),
            short: "C r-1".into(),
            meaning,
            certainty: Certainty::NotDone,
            passes: false,
            cause: bi!("it was refused", "被拒绝"),
            who,
            next: bi!("wait", "等待"),
        }
        .into()
    }

    #[test]
    fn a_hint_begins_with_who_acts() {
        let named = told(Meaning::Denied, Some(bi!("the administrator", "管理员")));
        assert_eq!(named.hint(), bi!("the administrator: wait", "管理员：等待"));
        assert_eq!(told(Meaning::Denied, None).hint(), bi!("wait", "等待"));
        assert_eq!((named.class(), named.to_string().as_str()), (Class::Remote, "it was refused"));
    }

    #[test]
    fn what_was_not_answered_and_what_is_no_answer_have_controls_of_their_own() {
        let control = |meaning| told(meaning, None).control();
        assert_eq!(control(Meaning::Unsent), Control::NET_FAILED);
        assert_eq!(control(Meaning::Silence), Control::NET_FAILED);
        assert_eq!(control(Meaning::BadReply), Control::NET_REPLY);
        assert_eq!(control(Meaning::AliasTaken), Control::KMS_REFUSED);
        assert!(Meaning::AliasTaken.is_about_content() && !Meaning::Busy.is_about_content());
    }
}
