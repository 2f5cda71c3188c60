//! What a frame begins with: the link types of the tcpdump registry.

use super::rest::Rest;
use super::walk::{Outcome, Walk};
use super::{ethernet, ipv4, ipv6, null, raw, reason, sll};
use crate::frame::LinkType;

macro_rules! link_types {
    (
        decoded: $($number:literal $name:ident => $decode:path;)*
        named: $($other:literal $other_name:ident;)*
    ) => {
        /// The registry's name of a link type, without its prefix: "ETHERNET", "LINUX_SLL2".
        ///
        /// Common types that are not decoded have names, too.
        #[must_use]
        pub const fn link_name(link: LinkType) -> Option<&'static str> {
            match link.0 {
                $($number => Some(stringify!($name)),)*
                $($other => Some(stringify!($other_name)),)*
                _ => None,
            }
        }

        /// Whether frames of a link type can be decoded.
        #[must_use]
        pub const fn is_decoded(link: LinkType) -> bool {
            matches!(link.0, $($number)|*)
        }

        /// Decodes a frame, or what another header says begins like one.
        #[inline]
        pub fn decode(walk: &mut Walk<'_>, link: LinkType, rest: Rest<'_>) -> Outcome {
            match link.0 {
                $($number => $decode(walk, rest),)*
                _ if link_name(link).is_some() => Err(rest.fault("link", reason::UNDECODED_LINK)),
                _ => Err(rest.fault("link", reason::UNKNOWN_LINK)),
            }
        }
    };
}

link_types! {
    decoded:
    0 NULL => null::decode;
    1 ETHERNET => ethernet::decode;
    12 RAW => raw::decode_12;
    14 RAW => raw::decode;
    101 RAW => raw::decode;
    108 LOOP => null::decode;
    113 LINUX_SLL => sll::decode;
    228 IPV4 => ipv4::decode;
    229 IPV6 => ipv6::decode;
    276 LINUX_SLL2 => sll::decode_v2;

    named:
    2 EXP_ETHERNET;
    3 AX25;
    6 IEEE802_5;
    8 SLIP;
    123 SUNATM;
    138 APPLE_IP_OVER_IEEE1394;
    139 MTP2_WITH_PHDR;
    140 MTP2;
    141 MTP3;
    142 SCCP;
    143 DOCSIS;
    144 LINUX_IRDA;
    147 USER0;
    148 USER1;
    149 USER2;
    150 USER3;
    151 USER4;
    152 USER5;
    153 USER6;
    154 USER7;
    155 USER8;
    156 USER9;
    157 USER10;
    158 USER11;
    159 USER12;
    160 USER13;
    161 USER14;
    162 USER15;
    165 BACNET_MS_TP;
    177 LINUX_LAPD;
    182 MFR;
    187 BLUETOOTH_HCI_H4;
    189 USB_LINUX;
    190 CAN20B;
    195 IEEE802_15_4_WITHFCS;
    197 ERF;
    201 BLUETOOTH_HCI_H4_WITH_PHDR;
    203 LAPD;
    209 I2C_LINUX;
    212 LIN;
    215 IEEE802_15_4_NONASK_PHY;
    217 GSMTAP_UM;
    218 GSMTAP_ABIS;
    220 USB_LINUX_MMAPPED;
    224 FC_2;
    225 FC_2_WITH_FRAME_DELIMS;
    226 IPNET;
    227 CAN_SOCKETCAN;
    230 IEEE802_15_4_NOFCS;
    231 DBUS;
    235 DVB_CI;
    243 MPEG_2_TS;
    245 NFC_LLCP;
    247 INFINIBAND;
    248 SCTP;
    249 USBPCAP;
    250 RTAC_SERIAL;
    251 BLUETOOTH_LE_LL;
    252 WIRESHARK_UPPER_PDU;
    253 NETLINK;
    254 BLUETOOTH_LINUX_MONITOR;
    255 BLUETOOTH_BREDR_BB;
    256 BLUETOOTH_LE_LL_WITH_PHDR;
    257 PROFIBUS_DL;
    259 EPON;
    265 RDS;
    266 USB_DARWIN;
    270 LORATAP;
    271 VSOCK;
    272 NORDIC_BLE;
    274 ETHERNET_MPACKET;
    275 DISPLAYPORT_AUX;
    277 SERCOS_MONITOR;
    280 VPP_DISPATCH;
    281 DSA_TAG_BRCM;
    282 DSA_TAG_BRCM_PREPEND;
    283 IEEE802_15_4_TAP;
    284 DSA_TAG_DSA;
    285 DSA_TAG_EDSA;
    288 USB_2_0;
    289 ATSC_ALP;
    290 ETW;
}
