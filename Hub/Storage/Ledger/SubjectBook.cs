using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// The profiles that statements are about: those that are known, joined and parted as the law of identity says of their keys, and new ones. Which profile a person gets is of
/// no consequence to who the person is. Pure.
/// </summary>
internal sealed class SubjectBook
{
    private readonly Dictionary<string, SubjectEntry> _byExternalId = new(StringComparer.Ordinal);
    private readonly Dictionary<PersonKey, SubjectEntry> _byPerson = [];
    private readonly Dictionary<long, SubjectEntry> _byId = [];
    private readonly Dictionary<PartKey, SubjectEntry> _owners = [];
    private readonly Dictionary<PartKey, ProfileContent> _loose = [];
    private readonly HashSet<PartKey> _loosened = [];
    private readonly HashSet<SubjectEntry> _rearranged = [];
    private readonly List<SubjectEntry> _entries = [];
    private readonly ILookup<string, SubjectEntry> _orphans;
    private readonly KeyBook _keys;
    private readonly AttributeRules? _rules;

    public SubjectBook(KeyBook keys, IEnumerable<ProfileRow> known, IEnumerable<PartRow> parts, AttributeRules? rules = null)
    {
        (_keys, _rules) = (keys, rules);
        ProfileRow[] rows = [.. known.OrderBy(row => row.ProfileId)];
        foreach (var row in rows)
        {
            var entry = new SubjectEntry(row, rules);
            _byId.Add(row.ProfileId, entry);
            Index(entry);
        }

        foreach (var row in rows.Where(row => row.PersonId is not null))
        {
            _byId[row.ProfileId].Follow(_byId[row.PersonId!.Value]);
        }

        foreach (var part in parts)
        {
            if (part.ProfileId is { } id && _byId.TryGetValue(id, out var owner))
            {
                owner.Hold(part);
                _owners[part.Key] = owner;
            }
            else
            {
                _loose[part.Key] = part.Content;
            }
        }

        _orphans = _entries.Where(entry => entry is { ExternalId: null, EmailKey: not null }).ToLookup(entry => entry.EmailKey!, StringComparer.Ordinal);
        Arrange();
    }

    /// <summary>All profiles of the book, known ones by id first, then new ones in order of creation.</summary>
    public IReadOnlyList<SubjectEntry> Entries => _entries;

    /// <summary>Parts that changed or moved, once the profiles have their ids.</summary>
    public IEnumerable<PartRow> MovedParts => _entries.SelectMany(entry => entry.MovedParts).Concat(_loosened.Where(_loose.ContainsKey).Select(key => new PartRow(key, null, _loose[key])));

    /// <summary>The profile of the person who holds one of the keys, by precedence; null when there is none.</summary>
    public SubjectEntry? Find(IEnumerable<PersonKey> keys) => _keys.PersonOf(keys) is { } told ? EntryOf(told.Person, told.Filed) : null;

    /// <summary>The profile that a statement names by its primary key, whichever profile shows the person; null when it names none, or none is known.</summary>
    public SubjectEntry? Named(PersonKey[] keys) => keys is [{ Kind: KeyKind.ExternalId, Value: var id }, ..] ? _byExternalId.GetValueOrDefault(id) : null;

    /// <summary>The profile of somebody by the first key.</summary>
    public SubjectEntry? OfPerson(PersonKey person) => EntryOf(person, person);

    /// <summary>Finds or creates, and merges the statement; null when nobody can be told by the keys.</summary>
    /// <param name="keys">The keys that tell people, by precedence.</param>
    /// <param name="statement">What is stated.</param>
    public SubjectEntry? State(PersonKey[] keys, in ProfileStatement statement)
    {
        if (_keys.PersonOf(keys) is not var (filed, person))
        {
            return null;
        }

        if (EntryOf(person, filed) is { } entry)
        {
            entry.State(PartKey.Of(keys), statement);
            return entry;
        }

        return Create(person, PartKey.Of(keys), ProfileMerge.Merge(null, statement, _rules).Content);
    }

    /// <summary>Finds or creates, and takes what the log says under the keys; null when nobody can be told by them.</summary>
    /// <param name="keys">The keys that tell people, by precedence.</param>
    /// <param name="log">All that the log says under them.</param>
    public SubjectEntry? Restate(PersonKey[] keys, ProfileContent log)
    {
        if (_keys.PersonOf(keys) is not var (filed, person))
        {
            return null;
        }

        if (EntryOf(person, filed) is { } entry)
        {
            entry.Restate(PartKey.Of(keys), log);
            return entry;
        }

        return Create(person, PartKey.Of(keys), log);
    }

    private SubjectEntry? EntryOf(PersonKey person, PersonKey filed)
    {
        if (!_byPerson.TryGetValue(person, out var entry)
            && !(person.Kind == KeyKind.ExternalId ? _byExternalId.TryGetValue(person.Value, out entry) : _keys.Known(filed)?.ProfileId is { } id && _byId.TryGetValue(id, out entry)))
        {
            return null;
        }

        return entry!.Shown;
    }

    private SubjectEntry Create(PersonKey person, PartKey filed, ProfileContent content)
    {
        var entry = new SubjectEntry(person.Kind == KeyKind.ExternalId ? person.Value : null, content, _rules);
        if (filed != new PartKey(person) || person.Kind != KeyKind.ExternalId)
        {
            entry.Hold(new PartRow(filed, null, content));
            entry.Take(filed, content);
        }

        Index(entry);
        _byPerson[person] = entry;
        return entry;
    }

    private void Arrange()
    {
        var told = _owners.Keys.Concat(_loose.Keys).Where(part => _keys.People.Keys.ContainsKey(part.First)).ToDictionary(part => part, part => _keys.PersonOf(part.Keys)?.Person);
        var stated = told.Values.OfType<PersonKey>().ToHashSet();
        foreach (var person in _keys.People.ByFirstKey)
        {
            PersonKey[] keys = [.. person];
            Array.Sort(keys, _keys.Compare);
            Arrange(person.Key, keys, stated.Contains(person.Key));
        }

        foreach (var (part, person) in told)
        {
            Move(part, person is { } holder ? _byPerson[holder] : null);
        }

        foreach (var entry in _rearranged.Where(entry => entry.Person is null))
        {
            entry.Show();
        }
    }

    private void Arrange(PersonKey person, PersonKey[] keys, bool hasParts)
    {
        SubjectEntry[] primary = [.. keys.Where(key => key.Kind == KeyKind.ExternalId).Select(key => _byExternalId.GetValueOrDefault(key.Value)).OfType<SubjectEntry>()];
        SubjectEntry[] anonymous = [.. keys.Where(key => key.Kind != KeyKind.ExternalId).SelectMany(Anonymous).Distinct().OrderBy(entry => entry.ProfileId)];
        var shown = primary.FirstOrDefault() ?? anonymous.FirstOrDefault();
        if (shown is null)
        {
            if (!hasParts)
            {
                return;
            }

            shown = new SubjectEntry(person.Kind == KeyKind.ExternalId ? person.Value : null, ProfileMerge.Fold([]), _rules);
            Index(shown);
        }
        else if (shown.ExternalId is null && person.Kind == KeyKind.ExternalId)
        {
            shown.Adopt(person.Value);
            _byExternalId.TryAdd(person.Value, shown);
            _rearranged.Add(shown);
        }

        if (shown.Person is not null)
        {
            shown.Part();
            _rearranged.Add(shown);
        }

        _byPerson[person] = shown;
        foreach (var other in primary.Concat(anonymous).Where(other => other != shown && other.Person != shown))
        {
            shown.Join(other);
            _rearranged.Add(shown);
        }

        foreach (var part in shown.PartKeys)
        {
            _owners[part] = shown;
        }
    }

    /// <summary>A part goes to whom it is of. What is somebody's no more who has nothing else stays where it is: nobody shows it.</summary>
    private void Move(PartKey part, SubjectEntry? person)
    {
        if (_loose.TryGetValue(part, out var content))
        {
            if (person is null)
            {
                return;
            }

            _loose.Remove(part);
        }
        else
        {
            var owner = _owners[part];
            if (owner == person || (person is null && owner is { ExternalId: null, Person: null, PartKeys.Count: 1 }))
            {
                return;
            }

            content = owner.Give(part);
            _rearranged.Add(owner);
        }

        if (person is null)
        {
            _owners.Remove(part);
            _loose[part] = content;
            _loosened.Add(part);
            return;
        }

        person.Take(part, content);
        _owners[part] = person;
        _rearranged.Add(person);
    }

    /// <summary>Profiles of somebody anonymous that were kept with a key.</summary>
    private IEnumerable<SubjectEntry> Anonymous(PersonKey key)
    {
        if (_keys.Known(key)?.ProfileId is { } id && _byId.TryGetValue(id, out var kept) && kept is { ExternalId: null, Person: null })
        {
            yield return kept;
        }

        if (key.Kind == KeyKind.Email)
        {
            foreach (var orphan in _orphans[key.Value].Where(entry => entry is { ExternalId: null, Person: null, PartKeys.Count: 0 }))
            {
                yield return orphan;
            }
        }
    }

    private void Index(SubjectEntry entry)
    {
        _entries.Add(entry);
        if (entry.ExternalId is { } externalId)
        {
            _byExternalId.TryAdd(externalId, entry);
        }
    }
}
