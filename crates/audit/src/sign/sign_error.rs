//! Why nothing was signed.

use keyferry_core::{PersonName, refusals};
use keyferry_transport::console::{NoConsent, NoSecret};

use crate::record::SignatureError;

refusals! {
    /// Why nothing was signed.
    #[derive(Debug)]
    #[allow(missing_docs)] // Each variant holds the error of one module.
    pub enum SignError {
        Signature from SignatureError;
        Consent from NoConsent;
        Secret from NoSecret;
        Nobody from Nobody;
    }
}

refusals! {
    /// The plan and the key do not match.
    #[derive(Debug)]
    #[allow(missing_docs)] // The fields are names and fingerprints.
    pub enum Nobody: Refused {
        /// The key does not belong to any participant.
        Unknown { fingerprint: String } => SIGN_KEY,
            what("no participant in the plan has the key {fingerprint}", "计划中没有参与者使用密钥 {fingerprint}"),
            hint("give the key whose .pub line is in the plan; ssh-keygen -l -f FILE shows a key's fingerprint",
                 "请使用其 .pub 行写在计划中的密钥；ssh-keygen -l -f FILE 可显示密钥指纹");
        /// That participant has already signed.
        Signed(name: PersonName) => SIGN_KEY,
            what("{name} has already signed this record", "{name} 已经签过此记录"),
            hint("check it with keyferry verify; if the signature is not valid, move it away first",
                 "请用 keyferry verify 检查；无效的签名应先移走");
        /// The plan names no key at all.
        NoKeys => SIGN_KEY,
            what("the plan names no participant's ssh_key", "计划中没有任何参与者的 ssh_key"),
            hint("sign the head on paper, and give each participant an ssh_key in the next plan",
                 "请在纸上对链尾摘要签名；下一份计划请为每位参与者写明 ssh_key");
    }
}
