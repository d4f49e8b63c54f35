//! Why a command does nothing to a key.

use std::path::PathBuf;

use keyferry_core::plan::Role;
use keyferry_core::{KeyId, Region, refusals};

refusals! {
    /// Why a command does nothing to a key.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum LifeError: Refused {
        /// There is no record, which the command requires at a provider's service.
        NoRecord => CONSENT_TWO,
            what("this takes a key of a real service out of use, and no record was given. Nothing was done",
                 "此操作会停用真实服务中的密钥，而未给出记录。未做任何操作"),
            hint("give --transcript ARCHIVE/life.jsonl, in the archive of the key's ceremony: an operator and a witness are asked, and their consent is recorded",
                 "请用 --transcript 给出该密钥所属仪式档案中的 ARCHIVE/life.jsonl：将询问操作员与见证人，并记入该记录");
        /// A script cannot agree for people.
        Script => CONSENT_TWO,
            what("--yes-alias was given in production. Nothing was done", "在正式仪式中给出了 --yes-alias。未做任何操作"),
            hint("leave it out: an operator and a witness each type the alias and then Yes", "请去掉该选项：操作员与见证人各自输入别名，再输入 Yes");
        /// The plan has nobody with this role, or does not name this person.
        Nobody {
            /// The role.
            role: Role,
        } => CONSENT_TWO,
            what("the plan names no {role} with this name. Nothing was done", "计划中没有这样的{role}。未做任何操作", both role = role.name()),
            hint("have the person type the name exactly as the plan has it; a rehearsal without people takes --yes-alias",
                 "由计划所列人员准确输入计划中的姓名；没有人员的演练可用 --yes-alias");
        /// The file is not called `life.jsonl`.
        Name(path: PathBuf) => USAGE, class(Usage),
            what("{} is not called life.jsonl: the record of the ceremony itself stays as it was signed. Nothing was done",
                 "{} 的名称不是 life.jsonl：仪式记录本身须保持签名时的原样。未做任何操作", path.display()),
            hint("give --transcript ARCHIVE/life.jsonl; the command makes the file if there is none",
                 "请用 --transcript 给出 ARCHIVE/life.jsonl；若无此文件，命令会新建");
        /// There is no record of the ceremony, or it belongs to another plan.
        NoCeremony(path: PathBuf) => CONSENT_TWO,
            what("{} is not the record of a ceremony under the plan next to it. Nothing was done",
                 "{} 不是依据其旁计划所举行仪式的记录。未做任何操作", path.display()),
            hint("give life.jsonl in the archive that has plan.toml and transcript.jsonl of this key's ceremony",
                 "请给出该密钥所属仪式的档案中的 life.jsonl，其中应有 plan.toml 与 transcript.jsonl");
        /// The key is not in the plan.
        Stranger {
            /// The key.
            key_id: KeyId,
            /// Its region.
            region: Region,
        } => KMS_ALIAS,
            what("the plan has no key {key_id} in {region}. Nothing was done", "计划中没有位于 {region} 的密钥 {key_id}。未做任何操作"),
            hint("compare the key id with the plan, and give the archive of that key's own ceremony",
                 "请将密钥 ID 与计划核对，并给出该密钥所属仪式的档案");
    }
}
