using System.Buffers;
using System.Globalization;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Tells who of given people is in a list, from the lists that each of them is in. HubSpot takes record ids only.</summary>
internal sealed class HubSpotMemberLookup(HubSpotClient client, HubSpotDirectory directory, HubSpotLists lists, HubSpotJournal journal)
{
    /// <summary>
    /// Asks by record id. Who is not known by one, or whose id the answer does not mention because the contact was merged or deleted, is
    /// looked up by key and then asked about.
    /// </summary>
    /// <exception cref="DestinationException">HubSpot did not answer about everybody.</exception>
    public async Task<IReadOnlyList<RemoteMember>> LookUpAsync(string listId, IReadOnlyList<RemoteMember> people, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(people.Count, HubSpotDescriptor.MaxPeoplePerLookup);
        var isMember = new Dictionary<string, bool>();
        await AskAsync(listId, people.Select(static person => person.RemoteId).Where(IsRecordId), isMember, cancellationToken);

        string[] keys = [.. people.Where(person => person.Key is not null && !IsKnown(person)).Select(static person => person.Key!)];
        var reading = await directory.ReadAsync(keys, [], archived: false, cancellationToken);
        var contacts = keys.Distinct().ToDictionary(static key => key, key => Answered(reading.Of(key)));
        await AskAsync(listId, contacts.Values.Select(static answer => answer.Contact?.Id).Where(id => id is not null && !isMember.ContainsKey(id)), isMember, cancellationToken);

        // A contact is one member: of two people who have an e-mail of it each, that is the one whose own it is.
        var owners = new Dictionary<string, string>();
        foreach (var person in people.Where(static person => person.Key is not null).OrderByDescending(IsOwn))
        {
            if (ContactOf(person) is { } contactId)
            {
                owners.TryAdd(contactId, person.Key!);
            }
        }

        RemoteMember[] members =
        [
            .. people.Select(person => (Person: person, ContactId: ContactOf(person)))
                .Where(found => found.ContactId is not null && isMember.GetValueOrDefault(found.ContactId) && (found.Person.Key is null || owners[found.ContactId] == found.Person.Key))
                .Select(static found => found.Person with { RemoteId = found.Person.RemoteId ?? found.ContactId }),
        ];
        if (members.Length == 0 && isMember.Count > 0)
        {
            await lists.RequireAsync(listId, cancellationToken);
        }

        return members;

        bool IsKnown(RemoteMember person) => person.RemoteId is not null && isMember.ContainsKey(person.RemoteId);

        bool IsOwn(RemoteMember person) => IsKnown(person) || contacts.GetValueOrDefault(person.Key!).IsOwn;

        string? ContactOf(RemoteMember person) => IsKnown(person) ? person.RemoteId : person.Key is null ? null : contacts.GetValueOrDefault(person.Key).Contact?.Id;
    }

    /// <summary>Notes of each record that the answer mentions whether it is in the list.</summary>
    private async Task AskAsync(string listId, IEnumerable<string?> recordIds, Dictionary<string, bool> isMember, CancellationToken cancellationToken)
    {
        var asked = recordIds.Distinct().ToList();
        if (asked.Count == 0)
        {
            return;
        }

        var body = new ArrayBufferWriter<byte>();
        HubSpotMapper.WriteRecords(body, asked!);
        var answer = await client.ReadMembershipsAsync(body.WrittenMemory, cancellationToken);
        if (answer.Failure is { } failure)
        {
            throw Trouble(journal.Judge(failure, HubSpotApiVersion.ReadMemberships, asked.Count));
        }

        if (answer.Body!.Errors.Find(static error => error.Category != "OBJECT_NOT_FOUND") is { } error)
        {
            throw Trouble(journal.Judge(error, HubSpotApiVersion.ReadMemberships));
        }

        foreach (var (recordId, lists) in answer.Body.ListsOf)
        {
            isMember[recordId] = lists.Contains(listId);
        }
    }

    private static KeyAnswer Answered(KeyAnswer answer) => answer.Trouble is { } trouble ? throw Trouble(trouble) : answer;

    private static bool IsRecordId(string? remoteId) => long.TryParse(remoteId, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static DestinationException Trouble(Judgement judgement)
        => new(judgement.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, judgement.Code));
}
