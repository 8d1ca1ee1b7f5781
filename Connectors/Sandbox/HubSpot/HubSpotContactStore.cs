using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>
/// The contacts, by number from 0; the record id is <see cref="FirstId"/> plus the number. Whoever calls holds <see cref="Gate"/>.
/// </summary>
internal sealed class HubSpotContactStore(HubSpotSchema schema)
{
    /// <summary>Beyond 32 bits, as real ids are.</summary>
    public const long FirstId = 20_000_000_001;

    private readonly Dictionary<ushort, HubSpotUniqueIndex> _indexes = [];
    private readonly Dictionary<string, int> _furtherEmails = new(StringComparer.OrdinalIgnoreCase);
    private Slot[] _slots = new Slot[1024];

    public Lock Gate { get; } = new();

    /// <summary>Numbers in use, archived contacts included.</summary>
    public int Count { get; private set; }

    /// <summary>Contacts whose e-mail or other unique value another contact has too.</summary>
    public long Duplicates
        => schema.All.Where(IsKey).Sum(property => Living().LongCount(contact => PackedFields.TryGet(Fields(contact), property.Id, out _)) - Index(property).Count);

    public static long IdOf(int contact) => FirstId + contact;

    public static bool IsKey(HubSpotProperty property) => property.IsUnique || property.IsEmail;

    public IEnumerable<int> Living() => Enumerable.Range(0, Count).Where(contact => _slots[contact].Fields is not null);

    public byte[] Fields(int contact) => _slots[contact].Fields!;

    public DateTime Created(int contact) => _slots[contact].Created;

    public DateTime Updated(int contact) => _slots[contact].Updated;

    /// <summary>The e-mails of a contact beside its primary one.</summary>
    public IEnumerable<string> FurtherEmails(int contact) => _furtherEmails.Where(pair => pair.Value == contact).Select(static pair => pair.Key);

    public bool TryGetById(long id, out int contact)
    {
        contact = (int)Math.Clamp(id - FirstId, -1, int.MaxValue);
        return contact >= 0 && contact < Count && _slots[contact].Fields is not null;
    }

    /// <summary>Finds a contact by a unique property, by an e-mail also where it is not the primary one.</summary>
    /// <returns>Its number, or -1.</returns>
    public int Find(HubSpotProperty property, ReadOnlySpan<byte> json)
    {
        var contact = Index(property).Find(json);
        return contact < 0 && property.IsEmail && _furtherEmails.Count > 0 && _furtherEmails.TryGetValue(JsonSerializer.Deserialize<string>(json)!, out var other)
            ? other
            : contact;
    }

    /// <summary>Makes a contact without fields.</summary>
    public int Create(DateTime now)
    {
        if (Count == _slots.Length)
        {
            Array.Resize(ref _slots, _slots.Length * 2);
        }

        _slots[Count] = new Slot { Fields = [], Created = now, Updated = now };
        return Count++;
    }

    /// <summary>Sets fields; unique values were checked before.</summary>
    public void Set(int contact, ReadOnlySpan<FieldChange> changes, DateTime now)
    {
        var former = Fields(contact);
        var fields = PackedFields.Apply(former, changes);
        if (ReferenceEquals(fields, former))
        {
            return;
        }

        Span<bool> moves = stackalloc bool[changes.Length];
        for (var i = 0; i < changes.Length; i++)
        {
            if (_indexes.TryGetValue(changes[i].Name, out var index))
            {
                var had = PackedFields.TryGet(former, changes[i].Name, out var before);
                var has = PackedFields.TryGet(fields, changes[i].Name, out var after);
                if (had && !(has && before.SequenceEqual(after)))
                {
                    index.Remove(contact);
                }

                moves[i] = has && !(had && before.SequenceEqual(after));
            }
        }

        _slots[contact].Fields = fields;
        _slots[contact].Updated = now;
        for (var i = 0; i < changes.Length; i++)
        {
            if (moves[i])
            {
                _indexes[changes[i].Name].Add(contact);
            }
        }
    }

    /// <summary>Takes a contact away, with its unique values.</summary>
    public void Archive(int contact)
    {
        var fields = Fields(contact);
        foreach (var (property, index) in _indexes)
        {
            if (PackedFields.TryGet(fields, property, out _))
            {
                index.Remove(contact);
            }
        }

        foreach (var email in FurtherEmails(contact).ToList())
        {
            _furtherEmails.Remove(email);
        }

        _slots[contact].Fields = null;
    }

    public void AddFurtherEmail(int contact, string email) => _furtherEmails[email] = contact;

    public void Clear()
    {
        _indexes.Clear();
        _furtherEmails.Clear();
        _slots = new Slot[1024];
        Count = 0;
    }

    public SandboxPerson Describe(int contact, IReadOnlyList<string> memberships)
    {
        var fields = PackedFields.All(Fields(contact), schema.Names).ToDictionary();
        var keys = schema.All.Where(property => IsKey(property) && fields.ContainsKey(property.Name))
            .ToDictionary(static property => property.Name, property => JsonSerializer.Deserialize<string>(fields[property.Name])!);
        keys["hs_object_id"] = IdOf(contact).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new SandboxPerson(keys, fields, memberships);
    }

    /// <summary>The index of a property, built on first use.</summary>
    private HubSpotUniqueIndex Index(HubSpotProperty property)
    {
        if (!_indexes.TryGetValue(property.Id, out var index))
        {
            _indexes[property.Id] = index = new HubSpotUniqueIndex(property.Id, Fields);
            foreach (var contact in Living().Where(contact => PackedFields.TryGet(Fields(contact), property.Id, out _)))
            {
                index.Add(contact);
            }
        }

        return index;
    }

    private struct Slot
    {
        public byte[]? Fields;
        public DateTime Created;
        public DateTime Updated;
    }
}
