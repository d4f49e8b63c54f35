//! Which function serves which action.

use keyferry_kms_api::Action;

use crate::dispatch::{Envelope, Run, not_served};
use crate::refusal::Refusal;
use crate::{import, keys, usage};

/// Runs one action on its parameters.
pub(crate) fn action(run: &Run<'_>, action: Action, params: &[u8]) -> Result<Envelope, Refusal> {
    match action {
        Action::CreateKey => run.serve(params, keys::create),
        Action::DescribeKey => run.serve(params, keys::describe),
        Action::ListKeyDetail => run.serve(params, keys::list),
        Action::EnableKey => run.serve(params, keys::enable),
        Action::DisableKey => run.serve(params, keys::disable),
        Action::GetParametersForImport => run.serve(params, import::parameters),
        Action::ImportKeyMaterial => run.serve(params, import::import),
        Action::DeleteImportedKeyMaterial => run.serve(params, import::delete),
        Action::Encrypt => run.serve(params, usage::encrypt),
        Action::Decrypt => run.serve(params, usage::decrypt),
        Action::GenerateRandom => run.serve(params, usage::random),
        Action::GetServiceStatus => run.serve(params, keys::status),
        Action::GetRegions => run.serve(params, keys::regions),
        other => Err(not_served(other.as_str())),
    }
}
