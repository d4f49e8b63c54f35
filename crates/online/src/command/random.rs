//! `random`: writes bytes from the service's generator to a file, as one contribution to entropy among several.
//!
//! The service knows these bytes, and so does an attacker who watches this station: they can only add to other sources, never
//! replace one.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use keyferry_core::Region;
use keyferry_core::{Fingerprint, bi};
use keyferry_service::Random as Drawn;
use keyferry_transport::{Access, check_free, printable, write_new};
use serde_json::json;

use super::Finished;
use crate::context::Context;

/// Arguments of `random`.
#[derive(Debug, ClapArgs)]
pub struct Random {
    /// Region to fetch from
    #[arg(long, value_name = "REGION")]
    pub region: Region,
    /// Number of bytes
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub bytes: u16,
    /// New file, mode 0600
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Runs `random`.
///
/// # Errors
/// [`Error`](crate::Error) when no file was written.
pub fn run(context: &Context, args: &Random) -> Finished {
    let console = context.console();
    check_free(&args.out)?;
    let service = context.usual_service(context.usual_endpoint()?)?;
    let Drawn { bytes, request_id } = service.random(&args.region, args.bytes)?;
    write_new(&args.out, &bytes, Access::Owner)?;
    let (path, n) = (args.out.display(), bytes.len());
    console.row(&bi!("wrote", "已写出"), &path.to_string());
    console.say(&bi!(
        "  {n} bytes that the provider knows. Mixed with other sources they can only add to them; on their own they are not key material.",
        "  {n} 字节，服务商也知道其内容。与其他来源混合只会增加熵；不可单独用作密钥材料。"
    ));
    if console.json() {
        console.result(&json!({
            "command": "random", "region": args.region, "bytes": n, "file": args.out,
            "sha256": Fingerprint::of(&bytes), "request_id": request_id,
        }));
    } else {
        console.result_line(&printable::line(&path.to_string()));
    }
    Ok(None)
}
