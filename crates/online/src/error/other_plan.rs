//! Why a plan is not the one that was expected.

use keyferry_core::{Fingerprint, refusals};

refusals! {
    /// The plan is not the expected one.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OtherPlan {
        /// The plan's digest.
        pub(crate) found: Fingerprint,
        /// The digest that a script passed.
        pub(crate) expected: Fingerprint,
    }: Refused => CONSENT,
        what("the plan's digest is {found}; expected {expected}; nothing was sent",
             "计划的摘要是 {found}；应为 {expected}；未发送任何内容"),
        hint("stop: this is not the plan whose digest is on the paper. Find out who changed it, and bring the plan that was reviewed",
             "停止：这不是纸上摘要所指的计划。请查明是谁改动了它，并取来经过审阅的计划");
}
