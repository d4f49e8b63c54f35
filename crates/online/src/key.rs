//! Compares what the service says about a key with the plan.

use keyferry_core::provider::KeyKind;
use keyferry_core::{Alias, Bilingual, Commitment, KeyId, Lang, Region, Span, Timestamp, ValidTo, refusals};
use keyferry_service::{KeyRef, KeyState, KeyView, Origin, UnknownKind, answer_for};

use keyferry_service::{Refusal, Service};

refusals! {
    /// Why one key is not what the plan or the command requires.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum KeyError: Refused {
        /// The key was not made for import.
        NotExternal(origin: Origin) => KMS_NOT_EXTERNAL,
            what("the key's origin is {origin}; only EXTERNAL keys take material",
                 "密钥来源为 {origin}；只有 EXTERNAL 密钥可以导入材料", origin = origin.word().unwrap_or("absent")),
            hint("check the key id in the plan; make a key for import with `keyferry-online create-key`, and have the \
                  plan reviewed again",
                 "请核对计划中的密钥 ID；用于导入的密钥由 `keyferry-online create-key` 创建，之后重新审阅计划");
        /// The key's state does not allow an import.
        State(state: KeyState) => KMS_STATE,
            what("the key is {state}; material goes only into a key that is Enabled or PendingImport",
                 "密钥状态为 {state}；只有 Enabled 或 PendingImport 状态可以导入材料"),
            hint("if the plan still needs the key, have the account's administrator enable it or cancel its deletion; \
                  then run the command again",
                 "若计划仍需要该密钥，请云账号管理员启用它或取消删除；然后重新运行命令");
        /// The alias differs from the plan's.
        Alias {
            /// The service's.
            found: String,
            /// The plan's.
            plan: Alias,
        } => KMS_ALIAS,
            what("the service calls this key {found:?}; the plan says {plan}",
                 "服务端中该密钥的别名是 {found:?}；计划中是 {plan}"),
            hint("stop and find out which key is meant; compare the alias and the key id with the console, then correct the plan",
                 "停止，查明究竟是哪个密钥；与控制台核对别名和密钥 ID，然后更正计划");
        /// A key with this alias exists, and no request under this plan created it.
        Stranger {
            /// The alias.
            alias: Alias,
            /// The key that has it.
            key_id: KeyId,
        } => KMS_OWN,
            what("a key with the alias {alias} exists already ({key_id}), and no request under this plan at this station created it. Nothing was \
                  created, and the key was not adopted",
                 "已存在别名为 {alias} 的密钥（{key_id}），且并非本工作站按本计划请求创建。未创建任何密钥，也未采用该密钥"),
            hint("find out whose key it is. If it belongs to this ceremony (the journal was lost, or another station created it), put its key id into \
                  the draft and have the draft reviewed; otherwise choose another alias",
                 "请查明这是谁的密钥。若它属于本次仪式（操作台账丢失，或由另一工作站创建），将其密钥 ID 写入草稿并重新审阅；否则请更换别名");
        /// No random mark could be drawn, so the key was not requested.
        NoMark => KMS_OWN,
            what("no random mark could be drawn for this key, so it was not requested", "无法为该密钥取得随机标记，因此未请求创建"),
            hint("repair this computer's random generator, then run the same command again", "请修复本机的随机数发生器，再运行同一命令");
        /// Its `Type` is one that no document lists.
        Edition(n: UnknownKind) => PARAM_EDITION,
            what("the key's edition (Type {n}) is unknown", "密钥所属版本（Type {n}）未知", n = n.0),
            hint("look for a newer keyferry; do not guess the length of the material",
                 "请查看是否有新版 keyferry；不要猜测材料长度");
        /// The import token's 24 hours are over.
        TokenExpired {
            /// How long ago.
            ago: Span,
            /// The time by this clock.
            now: Timestamp,
        } => CIPHER_EXPIRED,
            what("the import token expired {ago} ago (by this clock, {now}); nothing was sent for this key",
                 "导入令牌已过期 {ago:#}（本机时钟 {now}）；未为该密钥发送任何请求"),
            hint("export again into new files, carry the new parameters.json over, and wrap again; the old ciphertext can no longer be \
                imported. If this clock is wrong, set it right and run the command again",
                 "请重新导出到新文件，带去新的 parameters.json 并重新包装；旧密文已作废。若本机时钟有误，校准后重新运行命令");
        /// Nobody knows whether the import was done.
        ImportUnclear {
            /// What happened.
            cause: Refusal,
            /// The state that the service reported afterwards, if it answered.
            state: Option<KeyState>,
        } => (cause.control()), class(cause.class()),
            what("{text}. It is not known whether the material arrived; the service now shows the key as {state}",
                 "{text}。材料是否已导入未知；云平台现在显示该密钥的状态为 {state}", both text = cause.what(); state = state.map_or("?", KeyState::as_str)),
            hint("run the same command again: that is safe, importing the same material twice is harmless, and it \
                  proves the key",
                 "请重新运行同一命令：这是安全的，重复导入同一材料无害，并会验证该密钥");
        /// An interrupted export has no parameters for this key.
        NotExported => ART_ENTRIES,
            what("the interrupted export holds no parameters for this key", "被中断的导出中没有该密钥的参数"),
            hint("finish this ceremony for the other keys, or export again with new --out and --session for all of them",
                 "可先为其他密钥完成仪式，或用新的 --out 与 --session 为全部密钥重新导出");
        /// The key's state does not allow the change.
        Transition {
            /// The key's state.
            found: KeyState,
            /// The states that would allow it.
            wanted: Bilingual,
        } => KMS_TRANSITION,
            what("the key is {found}; this command requires {}. Nothing was done",
                 "密钥状态为 {found}；此操作要求 {}。未做任何操作", wanted.get(Lang::En)),
            hint("`status` shows the key's state; bring the key into the required state first, if that is what you want",
                 "status 会显示密钥状态；若确需操作，请先将其变为所需状态");
        /// The record does not say that this material was recovered.
        NotRecovered => BACKUP_PROVED,
            what("the record next to this ciphertext does not say that its material was recovered from shares. Nothing was sent",
                 "密文旁的记录中没有从分片恢复该材料的内容。未发送任何请求"),
            hint("give the ciphertext.json and transcript.jsonl that `keyferry-offline rewrap` wrote, or leave --prove-backup out",
                 "请提供 `keyferry-offline rewrap` 写出的 ciphertext.json 与 transcript.jsonl，或去掉 --prove-backup");
        /// The backup is to be proved, but the key holds no working material.
        NotLiving(state: KeyState) => BACKUP_PROVED,
            what("the key is {state}: only a key that is Enabled can prove a backup. The material was not sent",
                 "密钥状态为 {state}：只有 Enabled 的密钥才能验证备份。未发送密钥材料"),
            hint("to bring material back into the key, run import without --prove-backup",
                 "若要为该密钥恢复材料，请运行不带 --prove-backup 的 import");
        /// The backup is to be proved, but the key's expiry is not the plan's.
        OtherExpiry(valid_to: ValidTo) => BACKUP_PROVED,
            what("the key does not expire at {valid_to}, as the plan says: the import would change it. The material was not sent",
                 "密钥的过期时间不是计划中的 {valid_to}：导入会改变它。未发送密钥材料"),
            hint("compare the plan's valid_to with `status`; to change the expiry, run import without --prove-backup",
                 "请将计划中的 valid_to 与 status 比较；若要更改过期时间，请运行不带 --prove-backup 的 import");
        /// The service says that the key holds material that differs from the backup.
        BackupDiffers(found: Commitment) => BACKUP_PROVED,
            what("the backup is not what the KMS holds: the KMS refused the material with commitment {found} as \
                  different (MaterialNotMatch). The key is unchanged",
                 "备份与 KMS 中的密钥材料不一致：服务端以 MaterialNotMatch 拒绝了承诺为 {found} 的材料。密钥未受影响"),
            hint("treat this key as one without backup, today: look for other shares or an earlier set, compare commitments in the \
                  earlier records, and plan its replacement. Fill in an exception sheet",
                 "请立即视该密钥为无备份：查找其他分片或更早的分片组，核对以往记录中的承诺值，并计划更换该密钥。请填写异常单");
        /// The alias was not typed.
        NotTyped => CONSENT_ALIAS,
            what("the key's alias was not typed. Nothing was done", "未输入该密钥的别名。未做任何操作"),
            hint("look at the key with `status`; if it is the right one, run again and type its alias exactly, or give \
                  --yes-alias in a script",
                 "请用 status 查看该密钥；若确为所需，重新运行并准确输入其别名，脚本可用 --yes-alias");
        /// The material expires within the period that a monitor warns about, or has expired.
        ExpiresSoon {
            /// When.
            at: Timestamp,
        } => EXPIRES_SOON,
            what("the key's material expires, or expired, at {at}", "该密钥的材料在 {at} 过期（或已过期）"),
            hint("plan a ceremony that imports the same material with a later expiry before then; after that time, nothing \
                  can be decrypted until the same material is imported again",
                 "请在此之前安排一次仪式，以更晚的过期时间重新导入同一材料；过期后在重新导入同一材料之前无法解密");
    }
}

/// What the service says about one key.
///
/// # Errors
/// [`Refusal`].
pub fn look_up(service: &dyn Service, region: &Region, id: &KeyId) -> Result<KeyView, Refusal> {
    answer_for(service, KeyRef { region, id })
}

/// Checks that material can be imported into that key, and that it is the plan's key.
///
/// # Errors
/// [`KeyError::NotExternal`], [`KeyError::State`] or [`KeyError::Alias`].
pub fn check_importable(found: &KeyView, alias: &Alias) -> Result<(), KeyError> {
    if !found.origin.is_imported() {
        return Err(KeyError::NotExternal(found.origin));
    }
    if !found.state.takes_material() {
        return Err(KeyError::State(found.state));
    }
    if found.alias != alias.as_str() {
        let shown = found.alias.chars().take(60).collect();
        return Err(KeyError::Alias { found: shown, plan: alias.clone() });
    }
    Ok(())
}

/// The kind of material that the key takes.
///
/// # Errors
/// [`KeyError::Edition`] for a kind that no document lists.
pub fn kind(found: &KeyView) -> Result<&'static KeyKind, KeyError> {
    found.kind.map_err(KeyError::Edition)
}
