//! The elements that messages are made of.

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Numbers of `TIMElemType`.
pub mod elem_type {
    /// An element that this version does not know.
    pub const INVALID: i32 = -1;
    /// Text.
    pub const TEXT: i32 = 0;
    /// Custom.
    pub const CUSTOM: i32 = 3;
    /// What the server tells a group.
    pub const GROUP_TIPS: i32 = 5;
    /// Sticker.
    pub const FACE: i32 = 6;
    /// Location.
    pub const LOCATION: i32 = 7;
}

/// One element of a message: on the wire and in the C interface a flat object with `elem_type`.
#[derive(Debug, Clone, PartialEq)]
pub enum Elem {
    /// Text.
    Text(TextElem),
    /// Data of the app.
    Custom(CustomElem),
    /// A sticker of the app.
    Face(FaceElem),
    /// A place.
    Location(LocationElem),
    /// What the server tells a group; no client sends it.
    GroupTips(GroupTipsElem),
    /// A kind that this version does not know; never sent.
    Unknown,
}

/// Text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TextElem {
    /// UTF-8.
    #[serde(rename = "text_elem_content")]
    pub content: String,
}

/// Data of the app.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomElem {
    /// Payload, UTF-8.
    #[serde(rename = "custom_elem_data")]
    pub data: String,
    /// Description.
    #[serde(rename = "custom_elem_desc")]
    pub desc: String,
    /// Text for the offline push.
    #[serde(rename = "custom_elem_ext")]
    pub ext: String,
    /// Name of a sound.
    #[serde(rename = "custom_elem_sound")]
    pub sound: String,
}

/// A sticker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FaceElem {
    /// Index in the app's own set.
    #[serde(rename = "face_elem_index")]
    pub index: i32,
    /// Opaque text of the app.
    #[serde(rename = "face_elem_buf", default)]
    pub buf: String,
}

/// A place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LocationElem {
    /// Description.
    #[serde(rename = "location_elem_desc", default)]
    pub desc: String,
    /// Degrees.
    #[serde(rename = "location_elem_longitude")]
    pub longitude: f64,
    /// Degrees.
    #[serde(rename = "location_elem_latitude")]
    pub latitude: f64,
}

/// What the server tells a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupTipsElem {
    /// A number of `TIMGroupTipType`.
    #[serde(rename = "group_tips_elem_tip_type")]
    pub tip_type: i32,
    /// A number of `TIMGroupJoinType`, when somebody came in.
    #[serde(rename = "group_tips_elem_join_type")]
    pub join_type: i32,
    /// User ID of who did it.
    #[serde(rename = "group_tips_elem_op_user")]
    pub op_user: String,
    /// The group.
    #[serde(rename = "group_tips_elem_group_id")]
    pub group_id: String,
    /// User IDs of those to whom it happened.
    #[serde(rename = "group_tips_elem_user_array")]
    pub users: Vec<String>,
    /// How many members there are then.
    #[serde(rename = "group_tips_elem_member_num")]
    pub member_num: u32,
}

impl Elem {
    /// Bytes that count towards [`crate::limits::MESSAGE_BYTES`].
    pub fn size(&self) -> usize {
        match self {
            Elem::Text(e) => e.content.len(),
            Elem::Custom(e) => e.data.len() + e.desc.len() + e.ext.len() + e.sound.len(),
            Elem::Face(e) => e.buf.len() + size_of::<i32>(),
            Elem::Location(e) => e.desc.len() + 2 * size_of::<f64>(),
            Elem::GroupTips(_) | Elem::Unknown => 0,
        }
    }

    /// The number of its kind.
    pub fn elem_type(&self) -> i32 {
        match self {
            Elem::Text(_) => elem_type::TEXT,
            Elem::Custom(_) => elem_type::CUSTOM,
            Elem::Face(_) => elem_type::FACE,
            Elem::Location(_) => elem_type::LOCATION,
            Elem::GroupTips(_) => elem_type::GROUP_TIPS,
            Elem::Unknown => elem_type::INVALID,
        }
    }
}

impl Serialize for Elem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("elem_type", &self.elem_type())?;
        match self {
            Elem::Text(e) => map.serialize_entry("text_elem_content", &e.content)?,
            Elem::Custom(e) => {
                map.serialize_entry("custom_elem_data", &e.data)?;
                map.serialize_entry("custom_elem_desc", &e.desc)?;
                map.serialize_entry("custom_elem_ext", &e.ext)?;
                map.serialize_entry("custom_elem_sound", &e.sound)?;
            }
            Elem::Face(e) => {
                map.serialize_entry("face_elem_index", &e.index)?;
                map.serialize_entry("face_elem_buf", &e.buf)?;
            }
            Elem::Location(e) => {
                map.serialize_entry("location_elem_desc", &e.desc)?;
                map.serialize_entry("location_elem_longitude", &e.longitude)?;
                map.serialize_entry("location_elem_latitude", &e.latitude)?;
            }
            Elem::GroupTips(e) => {
                map.serialize_entry("group_tips_elem_tip_type", &e.tip_type)?;
                map.serialize_entry("group_tips_elem_join_type", &e.join_type)?;
                map.serialize_entry("group_tips_elem_op_user", &e.op_user)?;
                map.serialize_entry("group_tips_elem_group_id", &e.group_id)?;
                map.serialize_entry("group_tips_elem_user_array", &e.users)?;
                map.serialize_entry("group_tips_elem_member_num", &e.member_num)?;
            }
            Elem::Unknown => {}
        }
        map.end()
    }
}

/// All keys of the known elements in one flat object: read in one pass, then sorted by kind.
#[derive(Deserialize)]
struct FlatElem {
    elem_type: i32,
    text_elem_content: Option<String>,
    custom_elem_data: Option<String>,
    custom_elem_desc: Option<String>,
    custom_elem_ext: Option<String>,
    custom_elem_sound: Option<String>,
    face_elem_index: Option<i32>,
    face_elem_buf: Option<String>,
    location_elem_desc: Option<String>,
    location_elem_longitude: Option<f64>,
    location_elem_latitude: Option<f64>,
    group_tips_elem_tip_type: Option<i32>,
    group_tips_elem_join_type: Option<i32>,
    group_tips_elem_op_user: Option<String>,
    group_tips_elem_group_id: Option<String>,
    group_tips_elem_user_array: Option<Vec<String>>,
    group_tips_elem_member_num: Option<u32>,
}

impl<'de> Deserialize<'de> for Elem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flat = FlatElem::deserialize(deserializer)?;
        let missing = |key| D::Error::missing_field(key);
        Ok(match flat.elem_type {
            elem_type::TEXT => Elem::Text(TextElem {
                content: flat
                    .text_elem_content
                    .ok_or_else(|| missing("text_elem_content"))?,
            }),
            elem_type::CUSTOM => Elem::Custom(CustomElem {
                data: flat.custom_elem_data.unwrap_or_default(),
                desc: flat.custom_elem_desc.unwrap_or_default(),
                ext: flat.custom_elem_ext.unwrap_or_default(),
                sound: flat.custom_elem_sound.unwrap_or_default(),
            }),
            elem_type::FACE => Elem::Face(FaceElem {
                index: flat
                    .face_elem_index
                    .ok_or_else(|| missing("face_elem_index"))?,
                buf: flat.face_elem_buf.unwrap_or_default(),
            }),
            elem_type::LOCATION => Elem::Location(LocationElem {
                desc: flat.location_elem_desc.unwrap_or_default(),
                longitude: flat
                    .location_elem_longitude
                    .ok_or_else(|| missing("location_elem_longitude"))?,
                latitude: flat
                    .location_elem_latitude
                    .ok_or_else(|| missing("location_elem_latitude"))?,
            }),
            elem_type::GROUP_TIPS => Elem::GroupTips(GroupTipsElem {
                tip_type: flat
                    .group_tips_elem_tip_type
                    .ok_or_else(|| missing("group_tips_elem_tip_type"))?,
                join_type: flat.group_tips_elem_join_type.unwrap_or_default(),
                op_user: flat.group_tips_elem_op_user.unwrap_or_default(),
                group_id: flat.group_tips_elem_group_id.unwrap_or_default(),
                users: flat.group_tips_elem_user_array.unwrap_or_default(),
                member_num: flat.group_tips_elem_member_num.unwrap_or_default(),
            }),
            _ => Elem::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_is_named_and_an_unknown_kind_survives() {
        let missing = serde_json::from_str::<Elem>(r#"{"elem_type":0}"#).unwrap_err();
        assert!(
            missing.to_string().contains("text_elem_content"),
            "{missing}"
        );
        let unknown: Elem = serde_json::from_str(r#"{"elem_type":99,"x":1}"#).unwrap();
        assert_eq!(unknown, Elem::Unknown);
        assert_eq!(
            serde_json::to_string(&unknown).unwrap(),
            r#"{"elem_type":-1}"#
        );
    }
}
