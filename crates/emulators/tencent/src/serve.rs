//! Which function serves which action.

use keyferry_emulator_kit::Envelope;
use keyferry_tencent::envelope::success;
use keyferry_tencent::{Action, Request};

use crate::refusal::Refusal;
use crate::state::{Call, Kms};
use crate::{import, keys, lifecycle, params, usage};

/// One action about to run.
pub(crate) struct Run<'a> {
    pub(crate) kms: &'a Kms,
    pub(crate) call: &'a Call<'a>,
    pub(crate) request_id: &'a str,
}

impl Run<'_> {
    /// Reads the parameters, acts, and writes the reply.
    fn serve<R: Request>(
        &self,
        params: &[u8],
        act: fn(&Kms, &Call<'_>, R) -> Result<R::Reply, Refusal>,
    ) -> Result<Envelope, Refusal> {
        let reply = act(self.kms, self.call, params::parse(params)?)?;
        success(&reply, self.request_id).map_err(|_| Refusal::internal())
    }
}

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
        Action::DescribeKeys => run.serve(params, lifecycle::describe_all),
        Action::ListKeys => run.serve(params, keys::list_ids),
        Action::EnableKeys => run.serve(params, lifecycle::enable_all),
        Action::DisableKeys => run.serve(params, lifecycle::disable_all),
        Action::ScheduleKeyDeletion => run.serve(params, lifecycle::schedule),
        Action::CancelKeyDeletion => run.serve(params, lifecycle::cancel),
        Action::UpdateAlias => run.serve(params, lifecycle::rename),
        Action::UpdateKeyDescription => run.serve(params, lifecycle::describe_anew),
        Action::ArchiveKey => run.serve(params, lifecycle::archive),
        Action::CancelKeyArchive => run.serve(params, lifecycle::unarchive),
        Action::GetKeyRotationStatus => run.serve(params, lifecycle::rotation),
        Action::EnableKeyRotation => run.serve(params, lifecycle::rotate),
        Action::DisableKeyRotation => run.serve(params, lifecycle::stop_rotating),
        Action::GenerateDataKey => run.serve(params, usage::data_key),
        Action::ReEncrypt => run.serve(params, usage::reencrypt),
        Action::ListAlgorithms => run.serve(params, keys::algorithms),
    }
}
