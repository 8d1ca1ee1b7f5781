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
    private readonly Dictionary<int, Binned> _bin = [];
    private readonly Dictionary<int, int> _joinedInto = [];
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

    /// <summary>Finds a contact by its record id, or by one that it had before a merge.</summary>
    public bool TryGetById(long id, out int contact)
    {
        contact = (int)Math.Clamp(id - FirstId, -1, int.MaxValue);
        while (_joinedInto.TryGetValue(contact, out var survivor))
        {
            contact = survivor;
        }

        return contact >= 0 && contact < Count && _slots[contact].Fields is not null;
    }

    /// <summary>Finds a contact by the record id that it has now.</summary>
    public bool TryGetByOwnId(long id, out int contact) => TryGetById(id, out contact) && IdOf(contact) == id;

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

        if (PackedFields.TryGet(fields, schema.Email.Id, out var email) && _furtherEmails.Count > 0)
        {
            _furtherEmails.Remove(JsonSerializer.Deserialize<string>(email)!);
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

    /// <summary>Puts a contact into the recycle bin; its unique values are free again.</summary>
    public void Archive(int contact, DateTime now)
    {
        var further = FurtherEmails(contact).ToArray();
        _bin[contact] = new Binned(Fields(contact), further, now);
        Remove(contact);
    }

    /// <summary>A contact in the recycle bin, or null.</summary>
    public Binned? InBin(int contact) => _bin.GetValueOrDefault(contact);

    /// <summary>Finds a contact in the recycle bin.</summary>
    /// <returns>Its number, or -1.</returns>
    public int FindInBin(HubSpotProperty property, ReadOnlySpan<byte> json)
    {
        var text = property.IsEmail ? JsonSerializer.Deserialize<string>(json) : null;
        foreach (var (contact, binned) in _bin)
        {
            if ((PackedFields.TryGet(binned.Fields, property.Id, out var value) && value.SequenceEqual(json)) || binned.FurtherEmails.Contains(text, StringComparer.OrdinalIgnoreCase))
            {
                return contact;
            }
        }

        return -1;
    }

    /// <summary>Removes a contact for good, from the recycle bin too.</summary>
    /// <returns>Its e-mails.</returns>
    public IReadOnlyList<string> Erase(int contact)
    {
        var fields = InBin(contact)?.Fields ?? Fields(contact);
        var emails = (InBin(contact)?.FurtherEmails ?? [.. FurtherEmails(contact)]).ToList();
        if (PackedFields.TryGet(fields, schema.Email.Id, out var email))
        {
            emails.Add(JsonSerializer.Deserialize<string>(email)!);
        }

        if (!_bin.Remove(contact))
        {
            Remove(contact);
        }

        return emails;
    }

    /// <summary>Joins two contacts: the first one's values win, the other's e-mails become further ones, both ids lead to the survivor.</summary>
    /// <param name="primary">Whose values win.</param>
    /// <param name="other">Who ends.</param>
    /// <param name="keepId">Whether the survivor keeps the primary's id, or has a new one.</param>
    /// <param name="now">The time.</param>
    /// <returns>The survivor.</returns>
    public int Merge(int primary, int other, bool keepId, DateTime now)
    {
        var (first, second) = (Fields(primary), Fields(other));
        var emails = FurtherEmails(primary).Concat(FurtherEmails(other)).ToList();
        if (PackedFields.TryGet(second, schema.Email.Id, out var email) && PackedFields.TryGet(first, schema.Email.Id, out _))
        {
            emails.Add(JsonSerializer.Deserialize<string>(email)!);
        }

        var changes = schema.All.Select(property => new FieldChange(
            property.Id, PackedFields.TryGet(first, property.Id, out var own) || PackedFields.TryGet(second, property.Id, out own) ? own.ToArray() : default)).ToArray();
        var created = Created(primary);
        Remove(other);
        Remove(primary);
        var survivor = keepId ? primary : Create(created);
        _slots[survivor] = new Slot { Fields = [], Created = created, Updated = now };
        _joinedInto[other] = survivor;
        if (!keepId)
        {
            _joinedInto[primary] = survivor;
        }

        Set(survivor, changes, now);
        emails.ForEach(further => AddFurtherEmail(survivor, further));
        return survivor;
    }

    /// <summary>The ids that were joined into a contact.</summary>
    public IEnumerable<long> JoinedInto(int contact)
        => _joinedInto.Where(pair => pair.Value == contact).SelectMany(pair => JoinedInto(pair.Key).Append(IdOf(pair.Key)));

    private void Remove(int contact)
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
        _bin.Clear();
        _joinedInto.Clear();
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

    /// <summary>A contact in the recycle bin.</summary>
    public sealed record Binned(byte[] Fields, IReadOnlyList<string> FurtherEmails, DateTime At);

    private struct Slot
    {
        public byte[]? Fields;
        public DateTime Created;
        public DateTime Updated;
    }
}
