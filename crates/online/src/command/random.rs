//! `random`: bytes of the service's generator in a file, as one contribution to entropy among several.
//!
//! The service knows them, and so does whoever watches this station: they can only add to other sources, never replace one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyferry_core::{Fingerprint, bi};
use keyferry_tencent::wire::GenerateRandomRequest;
use keyferry_tencent::{Action, Request};
use keyferry_transport::{Access, check_free, printable, write_new};
use serde_json::json;
use zeroize::Zeroizing;

use super::Finished;
use crate::args::Random;
use crate::context::{Context, DEFAULT_ENDPOINT};
use crate::{BadReply, RemoteError};

/// Runs `random`.
///
/// # Errors
/// [`Error`](crate::Error) when no file was written.
pub fn run(context: &Context, args: &Random) -> Finished {
    const ACTION: Action = GenerateRandomRequest::ACTION;
    let console = context.console();
    check_free(&args.out)?;
    let client = context.client(context.endpoint(DEFAULT_ENDPOINT, None)?)?;
    let request = GenerateRandomRequest { number_of_bytes: args.bytes.into() };
    let answer = client.call(&args.region, "-", &request)?;
    let member = || RemoteError { action: ACTION, failure: BadReply::Member("Plaintext").into() };
    let bytes = STANDARD.decode(answer.value.plaintext.expose()).map_err(|_| member())?;
    let bytes = Zeroizing::new(bytes);
    // A generator that repeats one byte, or gives less than was asked for, is none.
    let stuck = bytes.len() > 8 && bytes.windows(2).all(|w| w.first() == w.last());
    if bytes.len() != usize::from(args.bytes) || stuck {
        return Err(member().into());
    }
    write_new(&args.out, &bytes, Access::Owner)?;
    let (path, n) = (args.out.display(), bytes.len());
    console.row(&bi!("wrote", "已写出"), &path.to_string());
    console.say(&bi!(
        "  {n} bytes that the provider knows. Mixed with other sources they can only add to them; alone they are no key material.",
        "  {n} 字节，服务商也知道其内容。与其他来源混合只会增加熵；不可单独用作密钥材料。"
    ));
    if console.json() {
        console.result(&json!({
            "command": "random", "region": args.region, "bytes": n, "file": args.out,
            "sha256": Fingerprint::of(&bytes), "request_id": answer.request_id,
        }));
    } else {
        console.result_line(&printable::line(&path.to_string()));
    }
    Ok(None)
}
