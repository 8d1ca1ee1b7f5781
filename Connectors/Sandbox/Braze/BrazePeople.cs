using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>A person at Braze. Guarded by its own lock.</summary>
internal sealed class BrazePerson(long serial, string? externalId)
{
    public long Serial { get; } = serial;

    public string? ExternalId { get; } = externalId;

    public string? Email { get; set; }

    public byte[] Fields { get; set; } = [];

    public long Updated { get; set; }

    public string BrazeId => Serial.ToString("x24", CultureInfo.InvariantCulture);
}

/// <summary>Everybody, found by external id (unique) or e-mail (not unique).</summary>
internal sealed class BrazePeople
{
    private readonly ConcurrentDictionary<string, BrazePerson> _byExternalId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, BrazePerson[]> _byEmail = new(StringComparer.Ordinal);
    private readonly ushort _email;
    private long _serial;
    private long _updates;

    public BrazePeople() => _email = Names.Id("email");

    public FieldNames Names { get; } = new();

    /// <summary>A custom attribute and a standard field of the same spelling are one field here, as names of standard fields are reserved.</summary>
    public void Apply(BrazeChange change)
    {
        var person = Find(change) ?? (change.UpdateOnly ? null : Create(change));
        if (person is null)
        {
            return;
        }

        lock (person)
        {
            person.Fields = PackedFields.Apply(person.Fields, change.Fields);
            person.Updated = Interlocked.Increment(ref _updates);
            Index(person);
        }
    }

    public bool TryGet(string externalId, [NotNullWhen(true)] out BrazePerson? person) => _byExternalId.TryGetValue(externalId, out person);

    public IReadOnlyList<BrazePerson> WithEmail(string email) => _byEmail.GetValueOrDefault(Normal(email)) ?? [];

    public long DuplicateEmails() => _byEmail.Values.Sum(people => (long)people.Length - 1);

    public IEnumerable<SandboxPerson> All()
    {
        foreach (var (_, person) in _byExternalId)
        {
            yield return Describe(person);
        }

        foreach (var person in _byEmail.Values.SelectMany(people => people).Where(person => person.ExternalId is null))
        {
            yield return Describe(person);
        }
    }

    public void Clear()
    {
        _byExternalId.Clear();
        _byEmail.Clear();
    }

    /// <summary>Lower case, as Braze gives e-mails back.</summary>
    [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "Braze's normal form is lower case.")]
    public static string Normal(string email) => email.ToLowerInvariant();

    private BrazePerson? Find(BrazeChange change)
    {
        if (change.ExternalId is { } externalId)
        {
            return _byExternalId.GetValueOrDefault(externalId);
        }

        return WithEmail(change.Email!).OrderByDescending(person => person.ExternalId is not null).ThenByDescending(person => person.Updated).FirstOrDefault();
    }

    private BrazePerson Create(BrazeChange change)
    {
        var person = new BrazePerson(Interlocked.Increment(ref _serial), change.ExternalId);
        return change.ExternalId is { } externalId ? _byExternalId.GetOrAdd(externalId, person) : person;
    }

    private void Index(BrazePerson person)
    {
        var email = PackedFields.TryGet(person.Fields, _email, out var json) && json.Length > 2
            ? Normal(JsonSerializer.Deserialize<string>(json)!)
            : null;
        if (email == person.Email)
        {
            return;
        }

        if (person.Email is { } former)
        {
            _byEmail.AddOrUpdate(former, [], (_, people) => [.. people.Where(other => other != person)]);
        }

        if (email is not null)
        {
            _byEmail.AddOrUpdate(email, [person], (_, people) => [.. people, person]);
        }

        person.Email = email;
    }

    private SandboxPerson Describe(BrazePerson person)
    {
        var fields = PackedFields.All(person.Fields, Names).ToDictionary();
        var keys = new Dictionary<string, string> { ["braze_id"] = person.BrazeId };
        if (person.ExternalId is { } externalId)
        {
            keys["external_id"] = externalId;
        }

        if (person.Email is { } email)
        {
            keys["email"] = email;
        }

        return new SandboxPerson(keys, fields, [.. fields.Where(field => field.Value == "true").Select(field => field.Key)]);
    }
}

/// <summary>An accepted attributes object on its way to the person.</summary>
internal sealed record BrazeChange(string? ExternalId, string? Email, bool UpdateOnly, FieldChange[] Fields);
