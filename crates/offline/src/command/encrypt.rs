//! `encrypt`: encrypts one file of key material to one public key. The files are compatible with the vendor's
//! `openssl` commands.

use keyferry_core::wrapping_key::{Encoding, MAX_KEY_INPUT};
use keyferry_core::{KeyMaterial, MaterialError, MaterialLength, WrappingKey, base64_text, bi, wrap};
use keyferry_transport::{Access, SecretFile, check_free, folder_of, read_capped, write_new};
use serde_json::json;

use super::generate::check_values;
use super::machine;
use crate::args::{Encrypt, OutputEncoding};
use crate::confine::{self, Confined};
use crate::context::Context;
use crate::error::OfflineError;
use crate::os_rng::SysRng;
use crate::posture::{Fit, Output};

/// Maximum length of a material file that is examined, which is enough to recognise every known mistake.
const MAX_MATERIAL_INPUT: usize = 64 * 1024;

pub(crate) fn run(args: &Encrypt, context: &Context) -> Result<(), OfflineError> {
    check_free(&args.out)?;
    let (key, encoding) = WrappingKey::from_file_bytes(&read_capped(&args.public_key, MAX_KEY_INPUT)?)?;
    let machine = machine::check_by_hand(Output::of_file(&args.out, false), context)?;
    let material = read_material(&machine, args, context)?;
    if args.bits.is_some_and(|bits| bits != material.length()) {
        let found = material.expose().len();
        let takes = &MaterialLength::OF_CIPHERS;
        return Err(MaterialError::Length { found, takes, text: false, newline: false }.into());
    }
    let wrapped = wrap(&key, args.algorithm, &material, &mut SysRng)?.confirm()?;
    let bytes = match args.encoding {
        OutputEncoding::Raw => wrapped.as_bytes().to_vec(),
        OutputEncoding::Base64 => base64_text::encode(wrapped.as_bytes()).into_bytes(),
    };
    write_new(&args.out, &bytes, Access::Everyone)?;
    report(args, context, &key, encoding, &material);
    Ok(())
}

/// Runs only on a machine that meets the requirements.
fn read_material(_machine: &Fit, args: &Encrypt, context: &Context) -> Result<KeyMaterial, OfflineError> {
    let file = SecretFile::open(&args.material, MAX_MATERIAL_INPUT)?;
    // The file is open, but none of it has been read yet.
    let Confined { memory, .. } = confine::by_hand(folder_of(&args.out), &[], context)?;
    let bytes = file.read_in(&memory)?;
    Ok(KeyMaterial::from_bytes_of(&MaterialLength::OF_CIPHERS, &memory, bytes.expose())?)
}

fn report(args: &Encrypt, context: &Context, key: &WrappingKey, encoding: Encoding, material: &KeyMaterial) {
    let console = &context.console;
    let kcvs = check_values(material);
    console.row(&bi!("public key", "公钥"), &format!("{encoding:?}"));
    console.hex(&bi!("", ""), &key.fingerprint());
    let length = material.length();
    console.row(&bi!("material", "密钥材料"), bi!("{length}", "{length:#}").get(console.lang()));
    for kcv in &kcvs {
        console.row(&bi!("KCV", "KCV"), &kcv.to_string());
    }
    console.row(&bi!("algorithm", "算法"), args.algorithm.as_str());
    if console.json() {
        console.result(&json!({
            "file": args.out, "algorithm": args.algorithm, "bits": material.length(), "kcv": kcvs,
            "wrapping_key_sha256": key.fingerprint(),
        }));
    } else {
        console.row(&bi!("wrote", "已写出"), &args.out.display().to_string());
        console.result_line(&args.out.display().to_string());
    }
}
