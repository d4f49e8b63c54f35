//! Finds network hardware without a driver, which does not count as a network; the row `no-network` names it.

use std::path::Path;

use super::{Roots, files};

/// Class, subclass and protocol of USB interfaces that are network adapters: CDC Ethernet (ECM, EEM, NCM, MBIM) and RNDIS. Other
/// adapters have vendor-specific classes and cannot be recognised.
const USB: [(&str, &str, &str); 7] = [
    ("02", "06", ""),
    ("02", "0c", ""),
    ("02", "0d", ""),
    ("02", "0e", ""),
    ("02", "02", "ff"),
    ("e0", "01", "03"),
    ("ef", "04", "01"),
];

/// Each device with its place on its bus, sorted.
pub(super) fn without_driver(roots: &Roots) -> Vec<String> {
    let pci = idle(&roots.sys("bus/pci/devices"), is_pci_network);
    let usb = idle(&roots.sys("bus/usb/devices"), is_usb_network);
    let named = |bus: &'static str| move |place: String| format!("{bus} {place}");
    pci.into_iter().map(named("PCI")).chain(usb.into_iter().map(named("USB"))).collect()
}

/// The network devices on a bus that have no driver. A machine without this bus has none.
fn idle(bus: &Path, is_network: fn(&Path) -> bool) -> Vec<String> {
    let mut places = files::names(bus).unwrap_or_default();
    places.retain(|place| {
        let device = bus.join(place);
        is_network(&device) && !device.join("driver").exists()
    });
    places
}

/// Base class 02: a network controller.
fn is_pci_network(device: &Path) -> bool {
    files::word(&device.join("class")).is_ok_and(|class| class.starts_with("0x02"))
}

fn is_usb_network(device: &Path) -> bool {
    let word = |file: &str| files::word(&device.join(file)).unwrap_or_default();
    let (class, subclass) = (word("bInterfaceClass"), word("bInterfaceSubClass"));
    let protocol = word("bInterfaceProtocol");
    USB.iter().any(|(c, s, p)| class == *c && subclass == *s && (p.is_empty() || protocol == *p))
}
