//! `C_Initialize`, with the reserved string of a module that needs one. The only `unsafe` of this program.

use std::ffi::{CString, c_void};
use std::ptr::NonNull;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};

/// Initialises the module. softokn (NSS) reads its configuration from a string behind `pReserved`; all others get none.
///
/// A module that cannot lock is initialised without locks: only one thread of this process calls it.
pub(super) fn initialize(module: &Pkcs11, reserved: Option<&str>) -> Result<(), Error> {
    match with(module, reserved, CInitializeFlags::OS_LOCKING_OK) {
        Err(Error::Pkcs11(RvError::CantLock, _)) => with(module, reserved, CInitializeFlags::empty()),
        done => done,
    }
}

#[allow(unsafe_code)]
fn with(module: &Pkcs11, reserved: Option<&str>, flags: CInitializeFlags) -> Result<(), Error> {
    let Some(reserved) = reserved else { return module.initialize(CInitializeArgs::new(flags)) };
    // Never freed: the module may keep the pointer until the process ends.
    let text: &'static mut [u8] = Box::leak(CString::new(reserved)?.into_bytes_with_nul().into_boxed_slice());
    let text = NonNull::from(text).cast::<c_void>();
    // SAFETY: the pointer refers to a string that ends with a zero byte and lives until the process ends, as softokn expects. It
    // is passed only if the person who runs the program sets the flag that is meant for that module.
    let args = unsafe { CInitializeArgs::new_with_reserved(flags, text) };
    module.initialize(args)
}
