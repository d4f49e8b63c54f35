//! `generate`: writes raw key material into a new file, for people who follow the vendor's step 3 by hand.

use keyferry_core::{Commitment, Kcv, KcvMethod, KeyMaterial, Purpose, bi};
use keyferry_transport::{Access, check_free, folder_of, write_new};
use serde_json::json;

use super::machine;
use crate::args::Generate;
use crate::confine;
use crate::context::Context;
use crate::entropy;
use crate::error::OfflineError;
use crate::posture::{Fit, Output};
use crate::rng::StationRng;

pub(crate) fn run(args: &Generate, context: &Context) -> Result<(), OfflineError> {
    check_free(&args.out)?;
    let machine = machine::check_by_hand(Output::of_file(&args.out, true), context)?;
    let material = make(&machine, args, context)?;
    write_new(&args.out, material.expose(), Access::Owner)?;
    let kcvs = check_values(&material);
    let console = &context.console;
    console.row(&bi!("material", "密钥材料"), &args.bits.to_string());
    for kcv in &kcvs {
        console.row(&bi!("KCV", "KCV"), &kcv.to_string());
    }
    console.say(&bi!(
        "  This file is the key: keep it on this machine, encrypt it, and back it up before you import.",
        "  此文件就是密钥：请留在本机，加密后再导入，并在导入前完成备份。"
    ));
    if console.json() {
        console.result(&json!({
            "file": args.out, "bits": args.bits, "kcv": kcvs, "commitment": Commitment::of(&material),
        }));
    } else {
        console.row(&bi!("wrote", "已写出"), &args.out.display().to_string());
        console.result_line(&args.out.display().to_string());
    }
    Ok(())
}

/// Runs only on a machine that meets the requirements.
fn make(_machine: &Fit, args: &Generate, context: &Context) -> Result<KeyMaterial, OfflineError> {
    let confined = confine::by_hand(folder_of(&args.out), &args.entropy, context)?;
    let rng = StationRng::new(None, Purpose::Production)?;
    let mut rng = entropy::mix(rng, &args.entropy, context, None)?;
    Ok(KeyMaterial::generate_in(&confined.memory, args.bits, &mut rng)?)
}

/// The check values: always the one for AES, and also the one for SM4 if the length allows it, because the
/// file does not say which edition it is for.
pub(crate) fn check_values(material: &KeyMaterial) -> Vec<Kcv> {
    [KcvMethod::Aes, KcvMethod::Sm4].into_iter().filter_map(|m| Kcv::of(material, m).ok()).collect()
}
