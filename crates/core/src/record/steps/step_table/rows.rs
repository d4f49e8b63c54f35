//! How a row of the table is written.

use super::super::row::Text;
use crate::plan::Role::{self, Operator, Witness};

/// One constant for each row, named after its step. The constants are associated with a type, because a step and a kind of line may
/// have the same name.
macro_rules! rows {
    ($($step:ident { $($row:tt)* })+) => {
        pub(super) struct Rows;

        #[allow(non_upper_case_globals)]
        impl Rows {
            $(pub(super) const $step: &Step = &Step { name: StepName::$step, $($row)* };)+
        }
    };
}
pub(super) use rows;

pub(super) const BOTH: &[Role] = &[Operator, Witness];

pub(super) const fn text(en: &'static str, zh: &'static str) -> Text {
    Text { en, zh }
}

pub(super) const fn compares(en: &'static str, zh: &'static str) -> Option<Text> {
    Some(text(en, zh))
}
