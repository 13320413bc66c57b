//! Profiles: what users say about themselves.

use serde::{Deserialize, Serialize};

use crate::{Error, codes, is_default, limits};

/// What the names of custom fields begin with.
pub const CUSTOM_PREFIX: &str = "Tag_Profile_Custom_";

/// A user's profile, as in the C interface and on the wire. A user who never wrote one has empty
/// texts and zeroes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserProfile {
    /// The user.
    #[serde(rename = "user_profile_identifier")]
    pub user_id: String,
    /// At most [`limits::PROFILE_TEXT_BYTES`].
    #[serde(rename = "user_profile_nick_name")]
    pub nick_name: String,
    /// Number of `TIMGenderType`.
    #[serde(rename = "user_profile_gender")]
    pub gender: u32,
    /// URL of a picture; at most [`limits::PROFILE_TEXT_BYTES`].
    #[serde(rename = "user_profile_face_url")]
    pub face_url: String,
    /// At most [`limits::PROFILE_TEXT_BYTES`].
    #[serde(rename = "user_profile_self_signature")]
    pub signature: String,
    /// Number of `TIMProfileAddPermission`; 0: not said.
    #[serde(rename = "user_profile_add_permission")]
    pub add_permission: u32,
    /// At most [`limits::PROFILE_LOCATION_BYTES`].
    #[serde(rename = "user_profile_location")]
    pub location: String,
    /// The app's own number.
    #[serde(rename = "user_profile_language")]
    pub language: u32,
    /// The app's own number.
    #[serde(rename = "user_profile_birthday")]
    pub birthday: u32,
    /// The app's own number.
    #[serde(rename = "user_profile_level")]
    pub level: u32,
    /// The app's own number.
    #[serde(rename = "user_profile_role")]
    pub role: u32,
    /// By name; at most [`limits::PROFILE_CUSTOM_FIELDS`].
    #[serde(rename = "user_profile_custom_string_array")]
    pub custom: Vec<CustomField>,
}

impl UserProfile {
    /// Of a user who never wrote one.
    pub fn new(user_id: impl Into<String>) -> Self {
        Self {
            user_id: user_id.into(),
            ..Self::default()
        }
    }
}

/// A field that the app has made up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomField {
    /// Its name with [`CUSTOM_PREFIX`].
    #[serde(rename = "user_profile_custom_string_info_key")]
    pub key: String,
    /// At most [`limits::PROFILE_TEXT_BYTES`]; empty takes the field away.
    #[serde(rename = "user_profile_custom_string_info_value")]
    pub value: String,
}

/// A change of one's own profile; what is not named stays. Request of `user.set_profile`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileUpdate {
    /// See [`UserProfile::nick_name`].
    #[serde(
        rename = "user_profile_item_nick_name",
        skip_serializing_if = "is_default"
    )]
    pub nick_name: Option<String>,
    /// See [`UserProfile::gender`].
    #[serde(
        rename = "user_profile_item_gender",
        skip_serializing_if = "is_default"
    )]
    pub gender: Option<u32>,
    /// See [`UserProfile::face_url`].
    #[serde(
        rename = "user_profile_item_face_url",
        skip_serializing_if = "is_default"
    )]
    pub face_url: Option<String>,
    /// See [`UserProfile::signature`].
    #[serde(
        rename = "user_profile_item_self_signature",
        skip_serializing_if = "is_default"
    )]
    pub signature: Option<String>,
    /// See [`UserProfile::add_permission`].
    #[serde(
        rename = "user_profile_item_add_permission",
        skip_serializing_if = "is_default"
    )]
    pub add_permission: Option<u32>,
    /// See [`UserProfile::location`].
    #[serde(
        rename = "user_profile_item_location",
        skip_serializing_if = "is_default"
    )]
    pub location: Option<String>,
    /// See [`UserProfile::language`].
    #[serde(
        rename = "user_profile_item_language",
        skip_serializing_if = "is_default"
    )]
    pub language: Option<u32>,
    /// See [`UserProfile::birthday`].
    #[serde(
        rename = "user_profile_item_birthday",
        skip_serializing_if = "is_default"
    )]
    pub birthday: Option<u32>,
    /// See [`UserProfile::level`].
    #[serde(rename = "user_profile_item_level", skip_serializing_if = "is_default")]
    pub level: Option<u32>,
    /// See [`UserProfile::role`].
    #[serde(rename = "user_profile_item_role", skip_serializing_if = "is_default")]
    pub role: Option<u32>,
    /// The fields to write; the others stay.
    #[serde(
        rename = "user_profile_item_custom_string_array",
        skip_serializing_if = "is_default"
    )]
    pub custom: Vec<CustomField>,
}

impl ProfileUpdate {
    /// Gives custom fields their full names.
    pub fn complete_names(&mut self) {
        for field in &mut self.custom {
            if !field.key.starts_with(CUSTOM_PREFIX) {
                field.key.insert_str(0, CUSTOM_PREFIX);
            }
        }
    }

    /// Checks the values. Names of custom fields have to be complete.
    pub fn check(&self) -> Result<(), Error> {
        let texts = [
            ("user_profile_item_nick_name", &self.nick_name),
            ("user_profile_item_face_url", &self.face_url),
            ("user_profile_item_self_signature", &self.signature),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                check_size(name, text)?;
            }
        }
        let most = limits::PROFILE_LOCATION_BYTES;
        if let Some(location) = self.location.as_ref().filter(|text| text.len() > most) {
            let bytes = location.len();
            let text = format!("user_profile_item_location: {bytes} bytes, at most {most}");
            return Err(Error::new(codes::SVR_PROFILE_VALUE_ERROR, text));
        }
        let numbers = [
            ("user_profile_item_gender", self.gender, 2),
            ("user_profile_item_add_permission", self.add_permission, 3),
        ];
        for (name, number, most) in numbers {
            if let Some(number) = number.filter(|number| *number > most) {
                let text = format!("{name}: {number}, it must be 0 to {most}");
                return Err(Error::new(codes::SVR_PROFILE_VALUE_ERROR, text));
            }
        }
        if self.custom.len() > limits::PROFILE_CUSTOM_FIELDS {
            return Err(too_many_fields());
        }
        self.custom.iter().try_for_each(check_field)
    }
}

fn check_size(name: &str, text: &str) -> Result<(), Error> {
    let (bytes, most) = (text.len(), limits::PROFILE_TEXT_BYTES);
    if bytes <= most {
        return Ok(());
    }
    let text = format!("{name}: {bytes} bytes, at most {most}");
    Err(Error::new(codes::SVR_PROFILE_SIZE_LIMIT, text))
}

fn check_field(field: &CustomField) -> Result<(), Error> {
    let name = field.key.strip_prefix(CUSTOM_PREFIX).unwrap_or_default();
    let is_name = (1..=limits::PROFILE_CUSTOM_NAME_BYTES).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphabetic());
    if !is_name {
        let text = format!(
            "user_profile_custom_string_info_key: 1 to {} letters, after {CUSTOM_PREFIX} or alone",
            limits::PROFILE_CUSTOM_NAME_BYTES
        );
        let code = codes::SDK_FRIENDSHIP_INVALID_PROFILE_KEY;
        return Err(Error::new(code, text));
    }
    check_size("user_profile_custom_string_info_value", &field.value)
}

fn too_many_fields() -> Error {
    let text = format!(
        "user_profile_item_custom_string_array: a profile has at most {} custom fields; \
         an empty value takes one away",
        limits::PROFILE_CUSTOM_FIELDS
    );
    Error::new(codes::SVR_PROFILE_VALUE_ERROR, text)
}

impl UserProfile {
    /// Takes over what a checked change names. An error changes nothing.
    pub fn apply(&mut self, update: &ProfileUpdate) -> Result<(), Error> {
        let mut custom = self.custom.clone();
        for field in &update.custom {
            custom.retain(|old| old.key != field.key);
            if !field.value.is_empty() {
                custom.push(field.clone());
            }
        }
        if custom.len() > limits::PROFILE_CUSTOM_FIELDS {
            return Err(too_many_fields());
        }
        custom.sort_by(|a, b| a.key.cmp(&b.key));
        self.custom = custom;
        let texts = [
            (&mut self.nick_name, &update.nick_name),
            (&mut self.face_url, &update.face_url),
            (&mut self.signature, &update.signature),
            (&mut self.location, &update.location),
        ];
        for (text, new) in texts {
            if let Some(new) = new {
                text.clone_from(new);
            }
        }
        let numbers = [
            (&mut self.gender, update.gender),
            (&mut self.add_permission, update.add_permission),
            (&mut self.language, update.language),
            (&mut self.birthday, update.birthday),
            (&mut self.level, update.level),
            (&mut self.role, update.role),
        ];
        for (number, new) in numbers {
            *number = new.unwrap_or(*number);
        }
        Ok(())
    }
}

/// Answer of `user.set_profile`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SetProfileRes {}

/// Request of `user.get_profiles`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GetProfilesReq {
    /// At most [`limits::PROFILE_QUERY_USERS`].
    pub users: Vec<String>,
}

/// Answer of `user.get_profiles`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GetProfilesRes {
    /// In the order of the request, without those who never registered.
    pub profiles: Vec<UserProfile>,
    /// So many of the users named are answered by it, one at least: the answer would grow too
    /// large otherwise. The client asks for the others again.
    pub answered: u32,
}

/// Request of `user.subscribe_profiles`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SubscribeProfilesReq {
    /// At most [`limits::PROFILE_SUBSCRIPTIONS`], not oneself.
    pub users: Vec<String>,
}
/// Answer of `user.subscribe_profiles`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SubscribeProfilesRes {}

/// Request of `user.unsubscribe_profiles`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UnsubscribeProfilesReq {
    /// Whom to leave; empty means all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub users: Vec<String>,
}
/// Answer of `user.unsubscribe_profiles`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UnsubscribeProfilesRes {}

/// Event of the user's stream: one's own profile as it stands, a [`UserProfile`].
pub const EV_OWN_PROFILE: &str = "user.own_profile";
/// Passing event: `UserProfile[]` of subscribed users whose profiles changed.
pub const EV_PROFILES: &str = "user.profiles";

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> CustomField {
        CustomField {
            key: format!("{CUSTOM_PREFIX}{name}"),
            value: value.into(),
        }
    }

    fn code(update: &ProfileUpdate) -> i32 {
        update.check().expect_err("refused").code
    }

    #[test]
    fn a_change_leaves_the_rest_as_it_was() {
        let mut profile = UserProfile::new("alice");
        let first = ProfileUpdate {
            nick_name: Some("Alice".into()),
            gender: Some(2),
            location: Some("x".repeat(16)),
            custom: vec![field("b", "2"), field("a", "1")],
            ..ProfileUpdate::default()
        };
        first.check().unwrap();
        profile.apply(&first).unwrap();
        let second = ProfileUpdate {
            nick_name: Some(String::new()),
            level: Some(u32::MAX),
            custom: vec![field("a", ""), field("c", "3")],
            ..ProfileUpdate::default()
        };
        second.check().unwrap();
        profile.apply(&second).unwrap();
        let wanted = UserProfile {
            gender: 2,
            location: "x".repeat(16),
            level: u32::MAX,
            custom: vec![field("b", "2"), field("c", "3")],
            ..UserProfile::new("alice")
        };
        assert_eq!(profile, wanted);
    }

    #[test]
    fn names_of_custom_fields_are_completed_and_checked() {
        let mut update = ProfileUpdate {
            custom: vec![field("Old", "1")],
            ..ProfileUpdate::default()
        };
        update.custom.push(CustomField {
            key: "New".into(),
            value: "2".into(),
        });
        update.complete_names();
        assert_eq!(update.custom, [field("Old", "1"), field("New", "2")]);
        update.check().unwrap();
        for name in ["", "ninechars", "a1", "ä", "a b"] {
            update.custom = vec![field(name, "")];
            assert_eq!(code(&update), codes::SDK_FRIENDSHIP_INVALID_PROFILE_KEY);
        }
    }

    #[test]
    fn limits_of_values() {
        let long = || Some("x".repeat(501));
        let of = |change: &dyn Fn(&mut ProfileUpdate)| {
            let mut update = ProfileUpdate::default();
            change(&mut update);
            code(&update)
        };
        let size = codes::SVR_PROFILE_SIZE_LIMIT;
        assert_eq!(of(&|u| u.nick_name = long()), size);
        assert_eq!(of(&|u| u.face_url = long()), size);
        assert_eq!(of(&|u| u.signature = long()), size);
        assert_eq!(of(&|u| u.custom = vec![field("a", &"x".repeat(501))]), size);
        let value = codes::SVR_PROFILE_VALUE_ERROR;
        assert_eq!(of(&|u| u.location = Some("x".repeat(17))), value);
        assert_eq!(of(&|u| u.gender = Some(3)), value);
        assert_eq!(of(&|u| u.add_permission = Some(4)), value);

        let fields = |from: u8, to: u8| ProfileUpdate {
            custom: (from..to)
                .map(|n| field(&char::from(b'a' + n).to_string(), "x"))
                .collect(),
            ..ProfileUpdate::default()
        };
        assert_eq!(code(&fields(0, 21)), value);
        let mut profile = UserProfile::new("alice");
        profile.apply(&fields(0, 20)).unwrap();
        let before = profile.clone();
        let error = profile.apply(&fields(20, 21)).unwrap_err();
        assert_eq!((error.code, &profile), (value, &before));
    }
}
