using System;
using System.Collections.Generic;
using Tim;
using UnityEngine;

/// <summary>
/// A chat with one other user. Put it beside a TimBehaviour, and fill in who you are: your server makes the ticket;
/// while you develop, `timd usersig --user alice` does. It does not require the TimBehaviour: that could not destroy
/// itself then, as a second one does.
/// </summary>
public class ChatSample : MonoBehaviour
{
    [SerializeField] string _user = "alice";
    [SerializeField] string _ticket = "";
    [SerializeField] string _peer = "bob";

    readonly List<string> _lines = new List<string>();
    TimClient _client;
    string _typed = "";

    /// <summary>What is on the screen.</summary>
    public IList<string> Lines => _lines;

    async void OnEnable()
    {
        // Its OnEnable has run: it comes first.
        var tim = GetComponent<TimBehaviour>();
        _client = tim == null ? null : tim.Client;
        if (_client == null)
        {
            // It did not start, which the console tells, or is a second one.
            enabled = false;
            return;
        }
        _client.RecvNewMsg += OnMessages;
        _client.KickedOffline += OnKicked;
        try
        {
            await _client.LoginAsync(_user, _ticket);
            _lines.Add("you are " + _user);
        }
        catch (TimException e)
        {
            _lines.Add("login: " + e.Message);
        }
    }

    void OnDisable()
    {
        if (_client != null)
        {
            _client.RecvNewMsg -= OnMessages;
            _client.KickedOffline -= OnKicked;
        }
    }

    void OnMessages(List<Message> messages)
    {
        foreach (Message message in messages)
        {
            _lines.Add(message.Sender + ": " + message.ElemArray[0].TextElemContent);
        }
    }

    void OnKicked()
    {
        _lines.Add("you logged in elsewhere");
    }

    public async void Send(string text)
    {
        try
        {
            await _client.SendTextAsync(_peer, text);
            _lines.Add(_user + ": " + text);
        }
        catch (TimException e)
        {
            _lines.Add("not sent: " + e.Message);
        }
    }

    void OnGUI()
    {
        foreach (string line in _lines)
        {
            GUILayout.Label(line);
        }
        _typed = GUILayout.TextField(_typed);
        if (GUILayout.Button("Send") && _typed.Length > 0)
        {
            Send(_typed);
            _typed = "";
        }
    }
}
