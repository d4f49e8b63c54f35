//! The plan of these ceremonies, and the keys of their people.

use keyferry_audit::record::HeldKey;

/// Whether the plan has shares.
#[derive(Clone, Copy)]
pub(super) enum Backup {
    Shares,
    None,
}

pub(super) fn key(n: u8) -> HeldKey {
    HeldKey::throwaway(&[n; 32].into())
}

/// Aliases end with the number `n` of the ceremony.
pub(super) fn plan_text(purpose: &str, keys: &[(&str, &str)], n: usize, backup: Backup) -> String {
    let mut text =
        format!("format = \"keyferry/plan/2\"\nceremony = \"mutated-1\"\npurpose = \"{purpose}\"\n");
    for (n, (role, name)) in [("operator", "Ada"), ("witness", "Bo")].into_iter().enumerate() {
        let key = key(u8::try_from(n).unwrap()).public().line();
        text += &format!("[[participant]]\nname = \"{name}\"\nrole = \"{role}\"\nssh_key = \"{key}\"\n");
    }
    for name in ["Cy", "王小明", "Eve"] {
        text += &format!("[[participant]]\nname = \"{name}\"\nrole = \"custodian\"\n");
    }
    for (alias, region) in keys {
        text += &format!(
            "[[key]]\nalias = \"{alias}-{n}\"\nprovider = \"tencent\"\nregion = \"{region}\"\nvalid_to = \"never\"\n"
        );
    }
    text += "[[posture.waive]]\ncheck = \"no-radio\"\nreason = \"its antennas are cut\"\n[backup]\n";
    text + match backup {
        Backup::Shares => "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n",
        Backup::None => "scheme = \"none\"\nreason = \"a key of a test system\"\n",
    }
}
