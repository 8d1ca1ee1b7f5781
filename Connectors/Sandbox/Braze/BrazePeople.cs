using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>Everybody, found by external id, alias and Braze's id (unique) or e-mail and phone (not unique). Changes take the lock, reads do not.</summary>
internal sealed class BrazePeople
{
    private readonly ConcurrentDictionary<long, BrazePerson> _all = new();
    private readonly ConcurrentDictionary<string, BrazePerson> _byExternalId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, BrazePerson> _byFormerId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<BrazeAlias, BrazePerson> _byAlias = new();
    private readonly ConcurrentDictionary<string, BrazePerson[]> _byEmail = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, BrazePerson[]> _byPhone = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(BrazeHappening Happening, BrazePerson Person)> _happenings = new();
    private readonly ushort _email;
    private readonly ushort _phone;
    private long _serial;
    private long _updates;

    public BrazePeople(TimeProvider time)
    {
        (_email, _phone) = (Names.Id("email"), Names.Id("phone"));
        Consents = new BrazeConsents(this, time);
        Attributes = new BrazeAttributes(Names);
    }

    public Lock Gate { get; } = new();

    public FieldNames Names { get; } = new();

    public BrazeConsents Consents { get; }

    public BrazeAttributes Attributes { get; }

    /// <summary>Custom events that somebody put on the blocklist.</summary>
    public ConcurrentDictionary<string, bool> BlockedEvents { get; } = new(StringComparer.Ordinal);

    /// <summary>A custom attribute and a standard field of the same spelling are one field here, as names of standard fields are reserved.</summary>
    public void Apply(BrazeChange change)
    {
        lock (Gate)
        {
            if ((Find(change.Who) ?? (change.UpdateOnly ? null : Create(change.Who))) is not { } person)
            {
                return;
            }

            FieldChange[] changes = change.Parts.Count == 0 ? change.Fields : [.. change.Fields, .. PartsOf(person, change.Parts)];
            Attributes.Learn(changes);
            person.Fields = PackedFields.Apply(person.Fields, changes);
            person.Updated = ++_updates;
            Index(person);
            if (change.EmailState is { } state)
            {
                Consents.SetEmail(person, state);
            }

            foreach (var (id, groupState) in change.Groups)
            {
                Consents.SetGroup(person, id, groupState);
            }

            if (change.Happening is { } happening && (happening.IsPurchase || !BlockedEvents.ContainsKey(happening.Name)))
            {
                var name = (happening.IsPurchase, happening.Name);
                var once = new BrazeCount(happening.At, happening.At, 1);
                person.Counts = person.Counts.SetItem(name, person.Counts.TryGetValue(name, out var before) ? before.And(once) : once);
                _happenings.Enqueue((happening, person));
            }
        }
    }

    public BrazePerson? Find(BrazeWho who)
    {
        if (who.ExternalId is { } externalId)
        {
            return ByExternalId(externalId);
        }

        if (who.Alias is { } alias)
        {
            return _byAlias.GetValueOrDefault(alias);
        }

        if (who.BrazeId is { } brazeId)
        {
            return long.TryParse(brazeId, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var serial) ? _all.GetValueOrDefault(serial) : null;
        }

        return (who.Email is { } email ? WithEmail(email) : WithPhone(who.Phone!))
            .OrderByDescending(person => person.ExternalId is not null)
            .ThenByDescending(person => person.Updated)
            .FirstOrDefault();
    }

    /// <summary>Whom an operation outside of tracking is about; nobody when the priorities leave several.</summary>
    public BrazePerson? FindOne(BrazeWho who)
    {
        if (who.Email is null && who.Phone is null)
        {
            return Find(who);
        }

        var found = who.Email is { } email ? WithEmail(email) : WithPhone(who.Phone!);
        foreach (var priority in who.Prioritization)
        {
            BrazePerson[] first = priority switch
            {
                "identified" => [.. found.Where(person => person.ExternalId is not null)],
                "unidentified" => [.. found.Where(person => person.ExternalId is null)],
                "most_recently_updated" => [.. found.OrderByDescending(person => person.Updated).Take(1)],
                _ => [.. found.OrderBy(person => person.Updated).Take(1)],
            };
            found = first.Length > 0 ? first : found;
        }

        return found.Count == 1 ? found[0] : null;
    }

    /// <summary>By the primary id, else by one that a rename left behind.</summary>
    public BrazePerson? ByExternalId(string externalId)
        => _byExternalId.TryGetValue(externalId, out var person) || _byFormerId.TryGetValue(externalId, out person) ? person : null;

    public bool IsPrimary(string externalId) => _byExternalId.ContainsKey(externalId);

    public bool IsFormer(string externalId) => _byFormerId.ContainsKey(externalId);

    public IReadOnlyList<BrazePerson> WithEmail(string email) => _byEmail.GetValueOrDefault(Normal(email)) ?? [];

    public IReadOnlyList<BrazePerson> WithPhone(string phone) => _byPhone.GetValueOrDefault(phone) ?? [];

    public long DuplicateEmails() => _byEmail.Values.Sum(people => Math.Max(0, (long)people.Length - 1));

    public BrazePerson Create(BrazeWho who)
    {
        var person = new BrazePerson(++_serial) { Updated = ++_updates };
        _all[person.Serial] = person;
        SetExternalId(person, who.ExternalId);
        if (who.Alias is { } alias)
        {
            AddAlias(person, alias);
        }

        return person;
    }

    /// <summary>Changes the primary id; the former one is forgotten unless it is kept.</summary>
    public void SetExternalId(BrazePerson person, string? externalId, bool keepFormer = false)
    {
        if (person.ExternalId is { } former)
        {
            _byExternalId.TryRemove(former, out _);
            if (keepFormer)
            {
                person.FormerIds = [.. person.FormerIds, former];
                _byFormerId[former] = person;
            }
        }

        person.ExternalId = externalId;
        if (externalId is not null)
        {
            _byExternalId[externalId] = person;
        }
    }

    public void ForgetFormerId(string externalId)
    {
        if (_byFormerId.TryRemove(externalId, out var person))
        {
            person.FormerIds = [.. person.FormerIds.Where(id => id != externalId)];
        }
    }

    public void AddAlias(BrazePerson person, BrazeAlias alias)
    {
        if (_byAlias.TryAdd(alias, person))
        {
            person.Aliases = [.. person.Aliases, alias];
        }
    }

    public void Rename(BrazeAlias alias, string name)
    {
        if (_byAlias.TryRemove(alias, out var person))
        {
            person.Aliases = [.. person.Aliases.Where(other => other != alias)];
            AddAlias(person, alias with { Name = name });
        }
    }

    /// <summary>Folds one person into another: what is missing is copied, counts are summed, the rest ends.</summary>
    public void Fold(BrazePerson ends, BrazePerson stays)
    {
        Remove(ends);
        ends.FoldedInto = stays;
        FieldChange[] missing =
        [
            .. PackedFields.All(ends.Fields, Names)
                .Select(field => (Name: Names.Id(field.Key), field.Value))
                .Where(field => !PackedFields.TryGet(stays.Fields, field.Name, out _))
                .Select(field => new FieldChange(field.Name, System.Text.Encoding.UTF8.GetBytes(field.Value))),
        ];
        stays.Fields = PackedFields.Apply(stays.Fields, missing);
        stays.Updated = ++_updates;
        Index(stays);
        foreach (var alias in ends.Aliases.Where(alias => stays.Aliases.All(other => other.Label != alias.Label)))
        {
            AddAlias(stays, alias);
        }

        foreach (var (name, count) in ends.Counts)
        {
            stays.Counts = stays.Counts.SetItem(name, stays.Counts.TryGetValue(name, out var own) ? own.And(count) : count);
        }
    }

    public void Remove(BrazePerson person)
    {
        _all.TryRemove(person.Serial, out _);
        SetExternalId(person, null);
        Array.ForEach([.. person.FormerIds], ForgetFormerId);
        Array.ForEach([.. person.Aliases], alias => _byAlias.TryRemove(alias, out _));

        Move(_byEmail, person.Email, null, person);
        Move(_byPhone, person.Phone, null, person);
        Consents.Forget(person);
    }

    public IEnumerable<SandboxPerson> All() => _all.Select(entry => Describe(entry.Value));

    /// <summary>The custom events that happened, whoever did them.</summary>
    public IEnumerable<(string Name, DateTimeOffset At)> CustomEvents() => _happenings.Where(entry => !entry.Happening.IsPurchase).Select(entry => (entry.Happening.Name, entry.Happening.At));

    /// <summary>What deleted people did is gone with them.</summary>
    public IEnumerable<SandboxBehavior> Events()
    {
        foreach (var (happening, person) in _happenings)
        {
            var owner = person;
            while (owner.FoldedInto is { } next)
            {
                owner = next;
            }

            if (_all.ContainsKey(owner.Serial))
            {
                yield return new SandboxBehavior(happening.Name, happening.HubId, KeysOf(owner));
            }
        }
    }

    public void Clear()
    {
        lock (Gate)
        {
            _all.Clear();
            _byExternalId.Clear();
            _byFormerId.Clear();
            _byAlias.Clear();
            _byEmail.Clear();
            _byPhone.Clear();
            _happenings.Clear();
            Consents.Clear();
            Attributes.Clear();
            BlockedEvents.Clear();
        }
    }

    /// <summary>Lower case, as Braze gives e-mails back.</summary>
    [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "Braze's normal form is lower case.")]
    public static string Normal(string email) => email.ToLowerInvariant();

    private static IEnumerable<FieldChange> PartsOf(BrazePerson person, IReadOnlyList<BrazePart> parts)
    {
        foreach (var part in parts)
        {
            if (part.After(PackedFields.TryGet(person.Fields, part.Name, out var current) ? current : []) is { } after)
            {
                yield return new FieldChange(part.Name, after);
            }
        }
    }

    private void Index(BrazePerson person)
    {
        var (email, phone) = (Text(person, _email) is { } address ? Normal(address) : null, Text(person, _phone));
        if (phone != person.Phone)
        {
            Move(_byPhone, person.Phone, phone, person);
            person.Phone = phone;
        }

        if (email != person.Email)
        {
            var former = person.Email;
            Move(_byEmail, former, email, person);
            person.Email = email;
            Consents.EmailChanged(person, former);
        }
    }

    private static string? Text(BrazePerson person, ushort name)
        => PackedFields.TryGet(person.Fields, name, out var json) && json.Length > 2 ? JsonSerializer.Deserialize<JsonElement>(json).ToString() : null;

    private static void Move(ConcurrentDictionary<string, BrazePerson[]> index, string? from, string? to, BrazePerson person)
    {
        if (from is not null)
        {
            index.AddOrUpdate(from, [], (_, people) => [.. people.Where(other => other != person)]);
        }

        if (to is not null)
        {
            index.AddOrUpdate(to, [person], (_, people) => [.. people, person]);
        }
    }

    private static Dictionary<string, string> KeysOf(BrazePerson person)
    {
        var keys = new Dictionary<string, string> { ["braze_id"] = person.BrazeId };
        foreach (var (name, value) in new[] { ("external_id", person.ExternalId), ("email", person.Email) })
        {
            if (value is not null)
            {
                keys[name] = value;
            }
        }

        foreach (var alias in person.Aliases)
        {
            keys[$"alias:{alias.Label}"] = alias.Name;
        }

        return keys;
    }

    private SandboxPerson Describe(BrazePerson person)
    {
        lock (Gate)
        {
            var fields = PackedFields.All(person.Fields, Names).ToDictionary();
            var consent = new Dictionary<string, string>(person.Groups);
            if (person.EmailState is { } state)
            {
                consent["email_subscribe"] = state;
            }

            return new SandboxPerson(KeysOf(person), fields, [.. fields.Where(field => field.Value == "true").Select(field => field.Key)]) { Consent = consent };
        }
    }
}
