"""Arguments that cannot be used are refused where they are given, by name."""

import inspect
import unittest

import tim
from server import WAIT, WithServer


class AppId(unittest.TestCase):
    def test_numbers_that_are_no_app_id(self):
        for number in [-1, 0, 2**64, 2**64 + 5, 2**70]:
            with self.subTest(number=number), self.assertRaisesRegex(ValueError, "app_id"):
                tim.Client(number)
        self.assertEqual(tim.Client(2**64 - 1).app_id, 2**64 - 1)

    def test_what_is_no_number(self):
        for given in ["abc", "1400000001", 1.5, None, True]:
            with self.subTest(given=given), self.assertRaisesRegex(TypeError, "app_id"):
                tim.Client(given)


class Listeners(unittest.TestCase):
    def test_a_listener_must_be_callable(self):
        client = tim.Client(1)
        for nothing in [None, "print"]:
            with self.assertRaisesRegex(TypeError, "listener of 'messages'"):
                client.on("messages", nothing)


class Calls(WithServer):
    def setUp(self):
        self.one = self.client()
        self.one.start()
        self.login(self.one, "anna")

    def refused(self, kind, words, function, *arguments):
        with self.subTest(words=words), self.assertRaisesRegex(kind, words) as refused:
            function(*arguments)
        return refused.exception

    def test_wrong_types_are_named(self):
        one, api = self.one, tim.api
        self.refused(TypeError, "tim_msg_send_message: conv_id must be .* not int", one.send_text, 5, "x")
        self.refused(TypeError, "tim_login: user_sig must be .* not float", one.login, "anna", 1.5)
        self.refused(TypeError, "conv_type must be an integer, not str", api.msg_get_msg_list, "a", "C2C", {})
        self.refused(TypeError, "unread_count must be .* not NoneType", api.msg_do_background, None)
        self.refused(TypeError, "msg_param: .*bytes", one.send_text, "anna", b"x")
        self.refused(TypeError, "identifier_array must be .* not set", api.get_user_status, {"anna"})
        self.refused(TypeError, "tim_login takes user_id, user_sig", tim.call, "tim_login", "anna")
        self.refused(TypeError, "tim_uninit", tim.call, "tim_uninit")
        self.assertEqual(one.login_user(), "anna")

    def test_numbers_do_not_wrap(self):
        for number in [2**32 + tim.TIM_CONV_C2C, 2**70, -(2**40)]:
            self.refused(
                ValueError, "conv_type", tim.api.msg_get_msg_list, "anna", number, {}
            )  # fmt: skip

    def test_texts_that_cannot_be_passed(self):
        self.refused(ValueError, "user_id: .*NUL", self.one.login, "a\0b", "x")
        self.refused(ValueError, "user_id: ", self.one.login, "\ud800", "x")
        # In JSON it is a character as any other.
        sent = self.one.send_text("anna", "a\0b").result(WAIT)
        self.assertEqual(sent["message_elem_array"][0]["text_elem_content"], "a\0b")

    def test_json_that_is_none(self):
        nan = {"elem_type": tim.TIM_ELEM_TEXT, "text_elem_content": float("nan")}
        self.refused(ValueError, "msg_param: ", self.one.send, "anna", {"message_elem_array": [nan]})

    def test_refusals_name_the_argument(self):
        for words, code, function, *arguments in [
            ("tim_login: user_id is None", tim.TIM_ERR_PARAM, self.one.login, None, "ticket"),
            ("user_sig is empty", tim.TIM_ERR_PARAM, self.one.login, "anna", ""),
            ("identifier_array is None", tim.TIM_ERR_PARAM, tim.api.get_user_status, None),
            ("conv_id is None", tim.TIM_ERR_PARAM, self.one.send_text, None, "x"),
            ("identifier_array", tim.TIM_ERR_JSON, tim.api.get_user_status, {"no": "list"}),
            ("msg_param", tim.TIM_ERR_JSON, tim.call, "tim_msg_report_readed", "a", 1, "{broken"),
            ("tim_login.*tim.h", tim.TIM_ERR_PARAM, self.one.login, b"\xff", "secret"),
        ]:
            error = self.refused(tim.Error, words, function, *arguments)
            self.assertEqual(error.code, code)
            self.assertNotIn("secret", str(error))


class Profile(WithServer):
    def test_fields_are_those_of_the_header(self):
        parameters = inspect.signature(tim.Client.set_profile).parameters.values()
        names = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY} - {"custom"}
        start = "user_profile_item_"
        keys = set(tim.types.UserProfileItem.__annotations__) - {start + "custom_string_array"}
        self.assertEqual({start + name for name in names}, keys)
        self.assertNotIn(inspect.Parameter.VAR_KEYWORD, {p.kind for p in parameters})

    def test_what_is_not_given_stays(self):
        one = self.client()
        one.start()
        self.login(one, "anna")
        with self.assertRaises(TypeError):
            one.set_profile(nick_nam="x")
        with self.assertRaises(TypeError):
            one.set_profile()
        one.set_profile(nick_name="Anna", level=3, custom={"team": "red"}).result(WAIT)
        one.set_profile(nick_name=None, level=0, location="Ulm").result(WAIT)
        (profile,) = one.profiles("anna", refresh=True).result(WAIT)
        self.assertEqual(profile["user_profile_nick_name"], "Anna")
        self.assertEqual(profile["user_profile_level"], 0)
        self.assertEqual(profile["user_profile_location"], "Ulm")
        (field,) = profile["user_profile_custom_string_array"]
        self.assertEqual(field["user_profile_custom_string_info_value"], "red")
