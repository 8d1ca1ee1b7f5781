using System.Buffers;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Finds contacts by their keys. Record ids that the hub remembers are never trusted for more than list membership: a merge gives a contact
/// a new id, and the old one then leads to somebody who may not be the person any more.
/// </summary>
internal sealed class HubSpotDirectory(HubSpotClient client, HubSpotOptions options, HubSpotJournal journal)
{
    private readonly string _idProperty = options.IdentityProperty;

    /// <summary>Looks keys up, a hundred per call.</summary>
    /// <param name="keys">The keys; one that occurs twice is looked up once.</param>
    /// <param name="fields">Properties to read beside the key.</param>
    /// <param name="archived">True to look into the recycle bin, where a deleted contact lies for 90 days, instead of into the account.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<KeyReading> ReadAsync(IEnumerable<string> keys, IReadOnlyList<string> fields, bool archived, CancellationToken cancellationToken)
    {
        var reading = new KeyReading(_idProperty);
        string[] own = options.IdentityIsEmail ? [_idProperty, ContactRow.OtherEmailsProperty] : [_idProperty];
        string[] properties = [.. own, .. fields.Except(own)];
        var body = new ArrayBufferWriter<byte>();
        foreach (var chunk in keys.Select(key => HubSpotMapper.KeyOnWire(_idProperty, key)).Distinct().Chunk(HubSpotDescriptor.MaxInputs))
        {
            body.ResetWrittenCount();
            HubSpotMapper.WriteRead(body, _idProperty, properties, chunk);
            var answer = await client.ReadProfilesAsync(archived, body.WrittenMemory, cancellationToken);
            if (answer.Failure is { } failure)
            {
                var judgement = journal.Judge(failure, HubSpotApiVersion.ReadContacts, chunk.Length);
                reading.Fail(chunk, judgement.Condition is null ? judgement with { Verdict = Verdict.Retry } : judgement);
            }
            else
            {
                reading.Take(answer.Body!);
            }

            if (reading.Condition is not null)
            {
                break;
            }
        }

        return reading;
    }

    /// <summary>Reads contacts by their record ids, with the key that each has: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch/post-crm-v3-objects-contacts-batch-read without <c>idProperty</c>.</summary>
    /// <exception cref="DestinationException">HubSpot did not answer.</exception>
    public async Task<IReadOnlyList<(ProfileRow Contact, string? Key)>> ReadRecordsAsync(IReadOnlyList<string> contactIds, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        HubSpotMapper.WriteRead(body, null, [_idProperty], contactIds);
        var answer = await client.ReadProfilesAsync(archived: false, body.WrittenMemory, cancellationToken);
        if (answer.Failure is { } failure)
        {
            var judgement = journal.Judge(failure, HubSpotApiVersion.ReadContacts, contactIds.Count);
            throw new DestinationException(judgement.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, judgement.Code));
        }

        return [.. answer.Body!.Results.Select(row => (row, row.Text(_idProperty)))];
    }
}

/// <summary>What HubSpot said about keys.</summary>
internal sealed class KeyReading(string idProperty)
{
    private static readonly Judgement NotMentioned = Judgement.Retry(HubSpotReason.NotMentioned);

    private readonly Dictionary<string, ProfileRow?> _answers = [];
    private readonly Dictionary<string, Judgement> _troubles = [];
    private Judgement? _stop;

    /// <summary>Trouble of the destination; the keys that were not looked up by then are not answered.</summary>
    public DestinationCondition? Condition => _stop?.Condition;

    /// <summary>Who has a key. Every key that was asked for has an answer, or a trouble that says why not.</summary>
    public KeyAnswer Of(string key)
    {
        var onWire = HubSpotMapper.KeyOnWire(idProperty, key);
        if (_answers.TryGetValue(onWire, out var row))
        {
            // An e-mail may be a further one of a contact that has another primary one: then the key is not the contact's own.
            return new KeyAnswer(row, IsOwn: row is not null && SameKey(row.Text(idProperty), onWire), null);
        }

        return new KeyAnswer(null, false, _troubles.TryGetValue(onWire, out var trouble) ? trouble : _stop ?? NotMentioned);
    }

    public void Take(ProfileBatch answer)
    {
        foreach (var row in answer.Results)
        {
            foreach (var key in new[] { row.Text(idProperty) }.Concat(idProperty == "email" ? Further(row) : []))
            {
                if (key is not null)
                {
                    _answers[HubSpotMapper.KeyOnWire(idProperty, key)] = row;
                }
            }
        }

        foreach (var key in answer.NotFound)
        {
            _answers.TryAdd(HubSpotMapper.KeyOnWire(idProperty, key), null);
        }
    }

    public void Fail(IEnumerable<string> keys, Judgement judgement)
    {
        if (judgement.Condition is not null)
        {
            _stop = judgement;
        }

        foreach (var key in keys)
        {
            _troubles[key] = judgement;
        }
    }

    private bool SameKey(string? has, string onWire) => has is not null && HubSpotMapper.KeyOnWire(idProperty, has) == onWire;

    private static string[] Further(ProfileRow row)
        => row.Text(ContactRow.OtherEmailsProperty)?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}

/// <summary>Who has a key.</summary>
/// <param name="Contact">The contact, or null for nobody.</param>
/// <param name="IsOwn">True when the contact has the key itself, and not only as a further e-mail.</param>
/// <param name="Trouble">Why HubSpot did not say, or null.</param>
internal readonly record struct KeyAnswer(ProfileRow? Contact, bool IsOwn, Judgement? Trouble);
