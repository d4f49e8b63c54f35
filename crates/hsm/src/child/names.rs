//! PKCS#11's names for functions and `CK_RV` values.

use cryptoki::context::Function;
use cryptoki::error::{Error, RvError};

use crate::protocol::{Refusal, Text};

/// The text for a function that a module lacks: its list has no pointer to it.
const NO_FUNCTION: &str = "the module lacks this function (a NULL pointer in its list)";

/// The text for a value that has more or fewer bytes than its type.
const OTHER_TYPE: &str = "a value of another length than its type has";

/// The module's answer, or the reason why the call could not be made.
pub(super) fn refusal(error: Error, about: &str) -> Refusal {
    match error {
        Error::Pkcs11(code, function) => Refusal { call: call(function), code: code_of(code) },
        Error::NullFunctionPointer => Refusal { call: Text::cut(about), code: Text::cut(NO_FUNCTION) },
        Error::TryFromSlice(_) => Refusal { call: Text::cut(about), code: Text::cut(OTHER_TYPE) },
        other => Refusal { call: Text::cut(about), code: Text::cut(&other.to_string()) },
    }
}

fn call(function: Function) -> Text {
    Text::cut(&format!("C_{function:?}"))
}

/// `ArgumentsBad` is `CKR_ARGUMENTS_BAD`; a number that is not in the standard is printed as manuals print it.
fn code_of(code: RvError) -> Text {
    let name = match code {
        RvError::VendorDefined(number) => format!("VendorDefined(0x{number:08x})"),
        RvError::UnknownErrorCode(number) => format!("UnknownErrorCode(0x{number:08x})"),
        code => format!("{code:?}"),
    };
    let (word, rest) = name.split_at(name.find('(').unwrap_or(name.len()));
    let mut out = String::from("CKR");
    let mut before = '_';
    for c in word.chars() {
        if c.is_ascii_uppercase() && !before.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
        before = c;
    }
    Text::cut(&(out + rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_calls_have_the_names_of_the_standard() {
        for (code, name) in [
            (RvError::ArgumentsBad, "CKR_ARGUMENTS_BAD"),
            (RvError::MechanismParamInvalid, "CKR_MECHANISM_PARAM_INVALID"),
            (RvError::PinIncorrect, "CKR_PIN_INCORRECT"),
            (RvError::FunctionNotSupported, "CKR_FUNCTION_NOT_SUPPORTED"),
            (RvError::VendorDefined(0x8000_0123), "CKR_VENDOR_DEFINED(0x80000123)"),
            (RvError::UnknownErrorCode(0x1ff), "CKR_UNKNOWN_ERROR_CODE(0x000001ff)"),
        ] {
            assert_eq!(code_of(code).as_str(), name);
        }
        let refused = refusal(Error::Pkcs11(RvError::ArgumentsBad, Function::WrapKey), "C_WrapKey");
        assert_eq!(refused.to_string(), "C_WrapKey: CKR_ARGUMENTS_BAD");
        assert_eq!(refusal(Error::NullFunctionPointer, "C_WrapKey").call.as_str(), "C_WrapKey");
    }
}
