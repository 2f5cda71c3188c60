//! The first headers of frames: the link types of the tcpdump registry.

use super::reason;
use super::rest::Rest;
use super::walk::{Outcome, Walk};
use crate::frame::LinkType;

macro_rules! link_types {
    (
        decoded: $($number:literal $name:ident => $header:ident::$decode:ident;)*
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

        /// Decodes a frame, or the payload of a header that encapsulates one.
        #[inline]
        pub fn decode(walk: &mut Walk<'_>, link: LinkType, rest: Rest<'_>) -> Outcome {
            match link.0 {
                $($number => super::$header::$decode(walk, rest),)*
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
    7 ARCNET_BSD => arcnet::decode_bsd;
    8 SLIP => slip::decode;
    9 PPP => hdlc::decode;
    10 FDDI => fddi::decode;
    12 RAW => raw::decode_12;
    14 RAW => raw::decode;
    50 PPP_HDLC => hdlc::decode;
    51 PPP_ETHER => pppoe::decode;
    100 ATM_RFC1483 => llc::decode;
    101 RAW => raw::decode;
    104 C_HDLC => hdlc::decode_cisco;
    105 IEEE802_11 => ieee80211::decode;
    107 FRELAY => frelay::decode;
    108 LOOP => null::decode;
    109 ENC => enc::decode;
    113 LINUX_SLL => sll::decode;
    117 PFLOG => pflog::decode;
    119 IEEE802_11_PRISM => prism::decode;
    127 IEEE802_11_RADIOTAP => radiotap::decode;
    129 ARCNET_LINUX => arcnet::decode_linux;
    163 IEEE802_11_AVS => avs::decode;
    166 PPP_PPPD => ppp::decode_pppd;
    192 PPI => ppi::decode;
    204 PPP_WITH_DIR => ppp::decode_with_direction;
    205 C_HDLC_WITH_DIR => hdlc::decode_with_direction;
    206 FRELAY_WITH_DIR => frelay::decode_with_direction;
    219 MPLS => mpls::decode;
    226 IPNET => ipnet::decode;
    228 IPV4 => ipv4::decode;
    229 IPV6 => ipv6::decode;
    239 NFLOG => nflog::decode;
    242 IPOIB => ipoib::decode;
    258 PKTAP => pktap::decode;
    276 LINUX_SLL2 => sll::decode_v2;
    281 DSA_TAG_BRCM => dsa::decode;
    282 DSA_TAG_BRCM_PREPEND => dsa::decode_prepended;
    284 DSA_TAG_DSA => dsa::decode;
    285 DSA_TAG_EDSA => dsa::decode_long;

    named:
    2 EXP_ETHERNET;
    3 AX25;
    6 IEEE802_5;
    122 IP_OVER_FC;
    123 SUNATM;
    130 JUNIPER_MLPPP;
    131 JUNIPER_MLFR;
    132 JUNIPER_ES;
    133 JUNIPER_GGSN;
    134 JUNIPER_MFR;
    135 JUNIPER_ATM2;
    136 JUNIPER_SERVICES;
    137 JUNIPER_ATM1;
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
    164 JUNIPER_MONITOR;
    165 BACNET_MS_TP;
    167 JUNIPER_PPPOE;
    168 JUNIPER_PPPOE_ATM;
    177 LINUX_LAPD;
    178 JUNIPER_ETHER;
    179 JUNIPER_PPP;
    180 JUNIPER_FRELAY;
    181 JUNIPER_CHDLC;
    182 MFR;
    183 JUNIPER_VP;
    187 BLUETOOTH_HCI_H4;
    189 USB_LINUX;
    190 CAN20B;
    194 JUNIPER_ISM;
    195 IEEE802_15_4_WITHFCS;
    197 ERF;
    200 JUNIPER_ST;
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
    227 CAN_SOCKETCAN;
    230 IEEE802_15_4_NOFCS;
    231 DBUS;
    235 DVB_CI;
    240 NETANALYZER;
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
    283 IEEE802_15_4_TAP;
    288 USB_2_0;
    289 ATSC_ALP;
    290 ETW;
}
