//! The attributes of a key: the explicit template, and what the module says about each afterwards.

use cryptoki::error::{Error, RvError};
use cryptoki::object::{
    Attribute as Given, AttributeInfo, AttributeType, KeyType, ObjectClass, ObjectHandle,
};
use cryptoki::session::Session;
use keyferry_core::Base64Bytes;

use super::names::refusal;
use super::refused;
use crate::protocol::{Attribute, AttributeName, Kept, Refusal, Seen, Text};

/// Longest attribute that is fetched, in bytes. A module may claim any length, and the library allocates
/// it.
const MAX_ATTRIBUTE: usize = 4096;

/// The functions that read attributes.
const CALL: &str = "C_GetAttributeValue";

/// The template of a new key: every attribute that has a default in some module is set.
pub(super) fn key(bytes: u8, keep: Option<&Kept>) -> Vec<Given> {
    let mut template = vec![
        Given::Class(ObjectClass::SECRET_KEY),
        Given::KeyType(KeyType::AES),
        Given::ValueLen(u64::from(bytes).into()),
        Given::Token(keep.is_some()),
        Given::Private(true),
        Given::Sensitive(true),
        Given::Extractable(true),
        // Needed to compute the check value.
        Given::Encrypt(true),
        Given::Decrypt(false),
        Given::Wrap(false),
        Given::Unwrap(false),
        Given::Sign(false),
        Given::Verify(false),
        Given::Derive(false),
    ];
    if let Some(keep) = keep {
        template.push(Given::Label(keep.label.as_bytes().to_vec()));
        template.push(Given::Id(keep.id.as_bytes().to_vec()));
        // Not every module knows this attribute, so it is set only where it is needed.
        template.extend(keep.trusted.then_some(Given::WrapWithTrusted(true)));
    }
    template
}

/// The template of the wrapping key: only attributes that every module accepts.
pub(super) fn wrapping_key(modulus: &[u8], exponent: &[u8], trusted: Option<&str>) -> Vec<Given> {
    let mut template = vec![
        Given::Class(ObjectClass::PUBLIC_KEY),
        Given::KeyType(KeyType::RSA),
        Given::Token(trusted.is_some()),
        Given::Private(false),
        Given::Wrap(true),
        Given::Modulus(modulus.to_vec()),
        Given::PublicExponent(exponent.to_vec()),
    ];
    if let Some(label) = trusted {
        template.extend([Given::Label(label.as_bytes().to_vec()), Given::Trusted(true)]);
    }
    template
}

/// The attributes by which a key kept under a label is found.
pub(super) fn labelled(label: &str) -> [Given; 3] {
    [Given::Class(ObjectClass::SECRET_KEY), Given::Token(true), Given::Label(label.as_bytes().to_vec())]
}

/// Modulus and exponent, as the module reports them.
pub(super) fn public_numbers(session: &Session, key: ObjectHandle) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    let asked = [AttributeType::Modulus, AttributeType::PublicExponent];
    let failed = |e| refusal(e, CALL);
    for info in session.get_attribute_info(key, &asked).map_err(failed)? {
        if let AttributeInfo::Available(length) = info
            && length > MAX_ATTRIBUTE
        {
            return Err(refused(CALL, &format!("a number of {length} bytes")));
        }
    }
    let (mut modulus, mut exponent) = (Vec::new(), Vec::new());
    for found in session.get_attributes(key, &asked).map_err(failed)? {
        match found {
            Given::Modulus(bytes) => modulus = bytes,
            Given::PublicExponent(bytes) => exponent = bytes,
            _ => {}
        }
    }
    Ok((modulus, exponent))
}

/// Every attribute, read one by one, so that a failing one does not hide the others.
pub(super) fn read(session: &Session, key: ObjectHandle) -> Vec<Attribute> {
    let one = |name: &AttributeName| Attribute { name: *name, is: seen(session, key, *name) };
    AttributeName::ALL.iter().map(one).collect()
}

fn seen(session: &Session, key: ObjectHandle, name: AttributeName) -> Seen {
    let asked = kind(name);
    let refused = |e: Error| Seen::Refused(refusal(e, CALL).code);
    let length = match session.get_attribute_info(key, &[asked]).map(|all| all.into_iter().next()) {
        Ok(Some(AttributeInfo::Available(length))) => length,
        Ok(Some(AttributeInfo::TypeInvalid)) => return Seen::Absent,
        Ok(Some(AttributeInfo::Sensitive)) => return Seen::Sensitive,
        Ok(Some(AttributeInfo::Unavailable) | None) => return Seen::Unavailable,
        Err(e) => return refused(e),
    };
    if length == 0 {
        return Seen::Empty;
    }
    // Its length is enough: the bytes are never requested.
    if name == AttributeName::Value {
        return Seen::Readable(length as u64);
    }
    if length > MAX_ATTRIBUTE {
        return Seen::TooLong(length as u64);
    }
    match session.get_attributes(key, &[asked]).map(|all| all.into_iter().next()) {
        Ok(Some(found)) => value(&found),
        Ok(None) => Seen::Unavailable,
        Err(Error::Pkcs11(RvError::AttributeTypeInvalid, _)) => Seen::Absent,
        Err(e) => refused(e),
    }
}

fn value(found: &Given) -> Seen {
    match found {
        Given::Token(yes)
        | Given::Private(yes)
        | Given::Sensitive(yes)
        | Given::AlwaysSensitive(yes)
        | Given::Extractable(yes)
        | Given::NeverExtractable(yes)
        | Given::WrapWithTrusted(yes)
        | Given::Local(yes)
        | Given::Encrypt(yes)
        | Given::Decrypt(yes)
        | Given::Wrap(yes)
        | Given::Unwrap(yes)
        | Given::Sign(yes)
        | Given::Verify(yes)
        | Given::Derive(yes) => Seen::Flag(*yes),
        Given::ValueLen(length) => Seen::Number(**length),
        Given::CheckValue(bytes) => Seen::Bytes(Base64Bytes::from(bytes.get(..32).unwrap_or(bytes))),
        Given::Class(class) => Seen::Constant(Text::cut(&class.to_string())),
        Given::KeyType(kind) => Seen::Constant(Text::cut(&kind.to_string())),
        Given::KeyGenMechanism(mechanism) => Seen::Constant(Text::cut(&mechanism.to_string())),
        _ => Seen::Unavailable,
    }
}

const fn kind(name: AttributeName) -> AttributeType {
    match name {
        AttributeName::Class => AttributeType::Class,
        AttributeName::KeyType => AttributeType::KeyType,
        AttributeName::ValueLen => AttributeType::ValueLen,
        AttributeName::Token => AttributeType::Token,
        AttributeName::Private => AttributeType::Private,
        AttributeName::Sensitive => AttributeType::Sensitive,
        AttributeName::AlwaysSensitive => AttributeType::AlwaysSensitive,
        AttributeName::Extractable => AttributeType::Extractable,
        AttributeName::NeverExtractable => AttributeType::NeverExtractable,
        AttributeName::WrapWithTrusted => AttributeType::WrapWithTrusted,
        AttributeName::Local => AttributeType::Local,
        AttributeName::KeyGenMechanism => AttributeType::KeyGenMechanism,
        AttributeName::Encrypt => AttributeType::Encrypt,
        AttributeName::Decrypt => AttributeType::Decrypt,
        AttributeName::Wrap => AttributeType::Wrap,
        AttributeName::Unwrap => AttributeType::Unwrap,
        AttributeName::Sign => AttributeType::Sign,
        AttributeName::Verify => AttributeType::Verify,
        AttributeName::Derive => AttributeType::Derive,
        AttributeName::CheckValue => AttributeType::CheckValue,
        AttributeName::Value => AttributeType::Value,
    }
}
