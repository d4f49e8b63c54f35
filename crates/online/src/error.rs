//! Everything that can stop a command, as one enum of typed errors; each has its control, class and texts.

use keyferry_core::{
    ArtefactError, Bilingual, CiphertextError, EndpointError, ParametersError, PlanError, SelfTestError,
    WrappingKeyError, bi, refusals,
};
use keyferry_service::{NotReady, Refusal};
use keyferry_transport::console::NoConsent;
use keyferry_transport::help::{self, Page};
use keyferry_transport::receive::ReceiveError;
use keyferry_transport::show::ShowError;
use keyferry_transport::{FileError, HardenError, RecordError};

use crate::access::AccessError;
use crate::health::HealthError;
use crate::key::KeyError;

pub(crate) mod confirm_error;
mod escrow_not_here;
mod head_error;
mod journal_error;
mod life_error;
mod other_plan;
mod place_error;
mod rebuild_error;
mod unserved;

pub use confirm_error::ConfirmError;
pub use escrow_not_here::EscrowNotHere;
pub use head_error::HeadError;
pub use journal_error::JournalError;
pub use life_error::LifeError;
pub use other_plan::OtherPlan;
pub use place_error::PlaceError;
pub use rebuild_error::RebuildError;
pub use unserved::Unserved;

refusals! {
    /// Any refusal of the online station.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // Each variant is the error of its module.
    pub enum Error {
        Usage from UsageError;
        Endpoint from EndpointError;
        NotReady from NotReady;
        Unserved from Unserved;
        File from FileError;
        Harden from HardenError;
        Record from RecordError;
        Core from keyferry_core::Error;
        Remote from Refusal;
        Key from KeyError;
        Journal from JournalError;
        Confirm from ConfirmError;
        Consent from NoConsent;
        Place from PlaceError;
        Head from HeadError;
        Escrow from EscrowNotHere;
        OtherPlan from OtherPlan;
        Show from ShowError;
        Receive from ReceiveError;
        Access from AccessError;
        Health from HealthError;
        Life from LifeError;
        Rebuild from RebuildError;
    }
}

macro_rules! from_core {
    ($($ty:ty),+ $(,)?) => {$(
        impl From<$ty> for Error {
            fn from(e: $ty) -> Self {
                Self::Core(e.into())
            }
        }
    )+};
}

from_core!(PlanError, ArtefactError, ParametersError, CiphertextError, WrappingKeyError, SelfTestError);

refusals! {
    /// A command line, or a state of this computer, with which a command cannot start.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct UsageError {
        what: Bilingual,
        hint: Bilingual,
    }: Usage => USAGE, what(what.clone()), hint(hint.clone());
}

/// What is wrong, and the usage, each in one line.
fn what_and_usage(text: &str) -> (String, String) {
    let mut paragraphs = text.split("\n\n");
    let one_line = |p: &str| p.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = one_line(paragraphs.next().unwrap_or_default());
    let what = first.strip_prefix("error: ").unwrap_or(&first).to_owned();
    (
        what,
        paragraphs
            .find(|p| p.starts_with("Usage:") || p.starts_with("用法："))
            .map(one_line)
            .unwrap_or_default(),
    )
}

impl UsageError {
    /// What clap found.
    pub(crate) fn from_clap(error: &clap::Error, page: &Page) -> Self {
        let english = error.to_string();
        let chinese = help::chinese_usage(error, page).unwrap_or_else(|| english.clone());
        let [(what, usage), (zh_what, zh_usage)] = [what_and_usage(&english), what_and_usage(&chinese)];
        let dash = if usage.is_empty() { "" } else { " — " };
        Self {
            what: bi!("{what}", "命令行有误：{zh_what}"),
            hint: bi!("{usage}{dash}--help explains each argument", "{zh_usage}{dash}--help 说明每个参数"),
        }
    }

    /// The system's clock cannot be read as a date.
    pub(crate) fn clock() -> Self {
        Self {
            what: bi!("this computer's clock shows no date", "本机时钟没有有效日期"),
            hint: bi!("set the clock, then run the command again", "请校准时钟后重新运行命令"),
        }
    }

    /// A draft in which nothing is left to create.
    pub(crate) fn nothing_to_create() -> Self {
        Self {
            what: bi!("every key of this plan already has its key_id", "计划中的每个密钥都已有 key_id"),
            hint: bi!(
                "nothing is left to create: review this plan and run `keyferry-online export --plan` with it",
                "无需再创建：请审阅该计划，并用它运行 `keyferry-online export --plan`"
            ),
        }
    }

    /// A draft that would have to be rewritten to fill in a key id.
    pub(crate) fn draft_shape() -> Self {
        Self {
            what: bi!(
                "the draft's keys are not written as [[key]] tables",
                "草稿中的密钥没有写成 [[key]] 表的形式"
            ),
            hint: bi!(
                "write each key as a [[key]] table, as ceremony/operate/plan.sample.toml does",
                "请像 ceremony/operate/plan.sample.toml 那样，将每个密钥写成 [[key]] 表"
            ),
        }
    }
}
