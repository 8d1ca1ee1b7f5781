using System.Collections.Concurrent;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>
/// States of consent. They belong to the address or number: a change reaches up to a hundred profiles that share it, waits where nobody
/// has it yet, and ends with the last profile that had it. Called under the lock of <see cref="BrazePeople"/>.
/// </summary>
internal sealed class BrazeConsents(BrazePeople people, TimeProvider time)
{
    public const string Subscribed = "subscribed";
    public const string Unsubscribed = "unsubscribed";

    private const int MaxProfiles = 100;

    /// <summary>How long the state of a group waits for somebody with the address.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(30);

    private readonly Dictionary<string, string> _waiting = [];
    private readonly Dictionary<(string Address, string Group), (string State, DateTimeOffset Until)> _waitingGroups = [];
    private readonly ConcurrentDictionary<string, DateTimeOffset> _optOuts = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _bounces = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _deadNumbers = new();

    /// <summary>Addresses that are opted out, newest first.</summary>
    public IEnumerable<KeyValuePair<string, DateTimeOffset>> OptOuts => NewestFirst(_optOuts);

    /// <summary>Addresses from which mail came back for good, newest first.</summary>
    public IEnumerable<KeyValuePair<string, DateTimeOffset>> Bounces => NewestFirst(_bounces);

    /// <summary>Numbers that take no messages, as digits alone, newest first.</summary>
    public IEnumerable<KeyValuePair<string, DateTimeOffset>> DeadNumbers => NewestFirst(_deadNumbers);

    /// <summary>Mail to the address came back for good.</summary>
    public void Bounce(string email) => _bounces[BrazePeople.Normal(email)] = time.GetUtcNow();

    /// <summary>The number turned out to take no messages.</summary>
    public void LoseNumber(string phone) => _deadNumbers[phone.TrimStart('+')] = time.GetUtcNow();

    /// <summary>The global state of a person and of those who share the address.</summary>
    public void SetEmail(BrazePerson person, string state)
    {
        person.EmailState = state;
        if (person.Email is { } email)
        {
            SetEmail(email, state);
        }
    }

    /// <summary>The global state of an address.</summary>
    public void SetEmail(string email, string state)
    {
        var address = BrazePeople.Normal(email);
        if (people.WithEmail(address) is not { Count: > 0 } owners)
        {
            _waiting[address] = state;
        }
        else
        {
            foreach (var owner in owners.Take(MaxProfiles))
            {
                owner.EmailState = state;
            }
        }

        Note(address, state);
    }

    /// <summary>The state of a group for a person and those who share the address.</summary>
    public void SetGroup(BrazePerson person, string group, string state)
    {
        person.Groups = person.Groups.SetItem(group, state);
        if (person.Email is { } email)
        {
            SetGroup(people.WithEmail(email), group, state);
        }
    }

    /// <summary>The state of a group for an address or number.</summary>
    public void SetGroup(string address, bool isPhone, string group, string state)
    {
        var normal = isPhone ? address : BrazePeople.Normal(address);
        var owners = isPhone ? people.WithPhone(normal) : people.WithEmail(normal);
        SetGroup(owners, group, state);
        if (owners.Count == 0)
        {
            _waitingGroups[(normal, group)] = (state, time.GetUtcNow() + Patience);
        }
    }

    /// <summary>
    /// A new address starts as <c>subscribed</c>, unless it has a state of its own already: that of another profile, or one that waits.
    /// The groups' states stay.
    /// </summary>
    public void EmailChanged(BrazePerson person, string? former)
    {
        if (former is not null && people.WithEmail(former).Count == 0)
        {
            _optOuts.TryRemove(former, out _);
        }

        if (person.Email is not { } email)
        {
            return;
        }

        var inherited = people.WithEmail(email).FirstOrDefault(other => other != person)?.EmailState;
        if (inherited is null && _waiting.Remove(email, out var waiting))
        {
            inherited = waiting;
        }

        person.EmailState = inherited ?? (former is null ? person.EmailState : Subscribed);
        foreach (var ((address, group), (state, until)) in _waitingGroups.Where(entry => entry.Key.Address == email || entry.Key.Address == person.Phone).ToArray())
        {
            _waitingGroups.Remove((address, group));
            if (until > time.GetUtcNow())
            {
                person.Groups = person.Groups.SetItem(group, state);
            }
        }
    }

    /// <summary>The person is gone; with the last owner of an address its state goes too.</summary>
    public void Forget(BrazePerson person)
    {
        if (person.Email is { } email && people.WithEmail(email).Count == 0)
        {
            _optOuts.TryRemove(email, out _);
        }
    }

    public void Clear()
    {
        _waiting.Clear();
        _waitingGroups.Clear();
        _optOuts.Clear();
        _bounces.Clear();
        _deadNumbers.Clear();
    }

    private static IEnumerable<KeyValuePair<string, DateTimeOffset>> NewestFirst(ConcurrentDictionary<string, DateTimeOffset> noted) =>
        noted.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal);

    private static void SetGroup(IReadOnlyList<BrazePerson> owners, string group, string state)
    {
        foreach (var owner in owners.Take(MaxProfiles))
        {
            owner.Groups = owner.Groups.SetItem(group, state);
        }
    }

    private void Note(string address, string state)
    {
        if (state == Unsubscribed)
        {
            _optOuts.TryAdd(address, time.GetUtcNow());
        }
        else
        {
            _optOuts.TryRemove(address, out _);
        }
    }
}
