//! The security officer's part: the wrapping keys that people compared are marked as trusted in the token for this run.
//!
//! A key with `CKA_WRAP_WITH_TRUSTED` leaves the token only wrapped to marked keys, and only the security officer can mark one. So no
//! single PIN can get such a key out, and it can only be wrapped to a public key whose words were read aloud.

use keyferry_core::transcript::HsmKeyEnd;
use keyferry_core::{CheckedEntry, WrappingAlgorithm, bi};

use super::inputs::Inputs;
use crate::context::Context;
use crate::error::HsmError;
use crate::host::ModuleError;
use crate::module::{KeyNumber, Module, Wrapper};
use crate::pin;
use crate::protocol::TokenInfo;
use crate::public::PublicNumbers;
use crate::refused::NotPlanned;

/// The wrapping keys that are marked, in the order of the parameters; none without `--trusted`.
#[derive(Debug, Default)]
pub(super) struct Trusted(Vec<Wrapper>);

impl Trusted {
    /// Logs the security officer in, marks every wrapping key, and logs them out.
    ///
    /// # Errors
    /// [`HsmError`]; the marked keys are destroyed again.
    pub(super) fn mark(
        module: &mut Module<'_>,
        inputs: &Inputs,
        info: &TokenInfo,
        context: &Context,
    ) -> Result<Self, HsmError> {
        context.console.say(&bi!(
            "  The security officer marks the wrapping keys as trusted for this run only.",
            "  安全管理员（SO）将包装公钥标记为可信，仅限本次运行。"
        ));
        pin::log_in_officer(module, info, &context.console)?;
        let mut this = Self::default();
        let marked = this.mark_all(module, inputs).and_then(|()| Ok(module.log_out()?));
        if marked.is_err() {
            let _ = this.forget(module);
        }
        marked.map(|()| this)
    }

    fn mark_all(&mut self, module: &mut Module<'_>, inputs: &Inputs) -> Result<(), HsmError> {
        let ceremony = inputs.plan.ceremony();
        for checked in inputs.parameters.entries() {
            let label = format!("keyferry {ceremony} {}", checked.entry().alias);
            let numbers = PublicNumbers::of(checked.wrapping_key())?;
            self.0.push(module.import_trusted(&numbers, &label)?);
        }
        Ok(())
    }

    /// The wrapping key from entry number `at` of the parameters; without `--trusted`, it is put into the
    /// token now, unmarked.
    ///
    /// # Errors
    /// [`HsmError`] if it cannot be put into the token.
    pub(super) fn wrapper(
        &self,
        at: usize,
        checked: &CheckedEntry,
        module: &mut Module<'_>,
    ) -> Result<Wrapper, HsmError> {
        match self.0.get(at) {
            Some(marked) => Ok(marked.clone()),
            None => Ok(module.import(&PublicNumbers::of(checked.wrapping_key())?)?),
        }
    }

    /// Destroys them all; returns the first failure after trying the last.
    pub(super) fn forget(&self, module: &mut Module<'_>) -> Result<(), ModuleError> {
        let mut gone = Ok(());
        for marked in &self.0 {
            gone = gone.and(module.forget(marked));
        }
        gone
    }

    /// Destroys a wrapping key, unless it is one of the marked ones.
    pub(super) fn forget_other(&self, by: &Wrapper, module: &mut Module<'_>) -> Result<(), ModuleError> {
        if self.0.is_empty() { module.forget(by) } else { Ok(()) }
    }
}

/// Checks that the token refuses to wrap the key to an unmarked public key. The test uses the service's own public key, so that a token
/// that does not refuse discloses the key to nobody else.
///
/// # Errors
/// [`NotPlanned::NotTrusted`] if it wraps.
pub(super) fn refuses_others(
    module: &mut Module<'_>,
    key: KeyNumber,
    (numbers, algorithm): (&PublicNumbers, WrappingAlgorithm),
    label: String,
) -> Result<HsmKeyEnd, HsmError> {
    let unmarked = module.import(numbers)?;
    let answer = module.wraps(key, &unmarked, algorithm)?;
    module.forget(&unmarked)?;
    match answer {
        Ok(()) => Err(NotPlanned::NotTrusted.into()),
        Err(refusal) => Ok(HsmKeyEnd::Trusted { label, refused: refusal.code.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Speak;
    use crate::protocol::{Refusal, Reply, Request, Text};
    use crate::throwaway::ThrowAway;

    /// A token that wraps everything, or refuses everything.
    struct Wraps(bool);

    impl Speak for Wraps {
        fn ask(&mut self, request: &Request, _: Option<&[u8]>) -> Result<Reply, ModuleError> {
            Ok(match request {
                Request::Import { modulus, exponent, trusted: None } => {
                    Reply::Imported { key: 7, modulus: modulus.clone(), exponent: exponent.clone() }
                }
                Request::Wrap { by: 7, .. } if self.0 => Reply::Bytes { bytes: [1; 256].as_slice().into() },
                Request::Wrap { .. } => {
                    let (call, code) = (Text::cut("C_WrapKey"), Text::cut("CKR_KEY_NOT_WRAPPABLE"));
                    Reply::Refused { refusal: Refusal { call, code } }
                }
                _ => Reply::Done {},
            })
        }
    }

    #[test]
    fn a_token_that_wraps_to_a_key_nobody_marked_is_refused() {
        let to = (&ThrowAway::new().unwrap().public().unwrap(), WrappingAlgorithm::default());
        let end = |wraps: bool| {
            let mut token = Wraps(wraps);
            refuses_others(&mut Module::new(&mut token), KeyNumber::of_test(1), to, "2026 a".into())
        };
        let refused = "CKR_KEY_NOT_WRAPPABLE".to_owned();
        assert_eq!(end(false), Ok(HsmKeyEnd::Trusted { label: "2026 a".into(), refused }));
        assert_eq!(end(true), Err(NotPlanned::NotTrusted.into()));
    }
}
