using System.Text;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>
/// The vendor's durable unsubscribe: next to the flag of each lead it keeps a master status per e-mail address, in which every lead with
/// that address takes part, now and later. Guarded by the lead store's gate.
/// </summary>
internal sealed class MarketoConsents(MarketoLeads leads, MarketoFields fields)
{
    private static readonly byte[] True = "true"u8.ToArray();

    private readonly HashSet<string> _unsubscribed = new(StringComparer.OrdinalIgnoreCase);
    private int[] _found = new int[64];

    private MarketoField Flag => fields.Find("unsubscribed")!;

    private MarketoField Address => fields.Find("email")!;

    public int Create(ReadOnlySpan<FieldChange> changes)
    {
        var id = leads.Create(changes);
        if (EmailOf(id) is not { } email)
        {
            return id;
        }

        if (IsUnsubscribed(id))
        {
            _unsubscribed.Add(email);
            Spread(email, true);
        }
        else if (_unsubscribed.Count > 0 && _unsubscribed.Contains(email))
        {
            Set(id, true);
        }

        return id;
    }

    public void Update(int id, ReadOnlySpan<FieldChange> changes)
    {
        if (!Touches(changes))
        {
            leads.Update(id, changes);
            return;
        }

        var (formerEmail, former) = (EmailOf(id), IsUnsubscribed(id));
        leads.Update(id, changes);
        var (email, present) = (EmailOf(id), IsUnsubscribed(id));
        if (!string.Equals(formerEmail, email, StringComparison.OrdinalIgnoreCase))
        {
            ChangeAddress(id, formerEmail, email, former, present);
        }
        else if (former != present && email is not null)
        {
            Decide(email, present);
        }
    }

    /// <summary>True for a field that is a state of consent or a topic.</summary>
    public static bool IsState(MarketoField field) =>
        field.IsTopic || field.Name is "unsubscribed" or "marketingSuspended" or "blackListed" or "emailInvalid" or "emailSuspended" or "doNotCall";

    public void Bounce(string email, bool isHard)
    {
        var (flag, cause) = isHard ? ("emailInvalid", "emailInvalidCause") : ("emailSuspended", "emailSuspendedCause");
        foreach (var id in Find(email))
        {
            leads.Update(id, [new(fields.Find(flag)!.Number, True), new(fields.Find(cause)!.Number, "\"bounced\""u8.ToArray())]);
        }
    }

    public void Clear() => _unsubscribed.Clear();

    private void ChangeAddress(int id, string? formerEmail, string? email, bool former, bool present)
    {
        var wasDurable = formerEmail is not null && _unsubscribed.Contains(formerEmail);
        if (email is not null && _unsubscribed.Contains(email))
        {
            Set(id, true);
        }
        else if (present && !former && email is not null)
        {
            Decide(email, true);
        }
        else if (present && wasDurable)
        {
            Set(id, false);
        }
    }

    private void Decide(string email, bool unsubscribed)
    {
        _ = unsubscribed ? _unsubscribed.Add(email) : _unsubscribed.Remove(email);
        Spread(email, unsubscribed);
    }

    private void Spread(string email, bool unsubscribed)
    {
        foreach (var id in Find(email))
        {
            Set(id, unsubscribed);
        }
    }

    private ReadOnlySpan<int> Find(string email)
    {
        var key = MarketoFields.Key(email);
        int count;
        while ((count = leads.Find(Address, key, _found)) > _found.Length)
        {
            _found = new int[count];
        }

        return _found.AsSpan(0, count);
    }

    private void Set(int id, bool unsubscribed) => leads.Update(id, [new(Flag.Number, unsubscribed ? True : "false"u8.ToArray())]);

    private bool IsUnsubscribed(int id) => PackedFields.TryGet(leads.Fields(id), Flag.Number, out var json) && json.SequenceEqual(True);

    private string? EmailOf(int id) => PackedFields.TryGet(leads.Fields(id), Address.Number, out var json) ? Encoding.UTF8.GetString(json[1..^1]) : null;

    private bool Touches(ReadOnlySpan<FieldChange> changes)
    {
        foreach (var change in changes)
        {
            if (change.Name == Flag.Number || change.Name == Address.Number)
            {
                return true;
            }
        }

        return false;
    }
}
