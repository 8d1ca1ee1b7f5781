using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Reads contacts back.</summary>
internal sealed class HubSpotProfiles(HubSpotDirectory directory)
{
    /// <summary>
    /// Reads the contacts that have the keys. Who is in the recycle bin only is a profile without fields: none of its values is in effect,
    /// but HubSpot still holds them, so that nothing is proven about an erasure.
    /// </summary>
    /// <exception cref="DestinationException">HubSpot did not answer about every key.</exception>
    public async Task<IReadOnlyList<RemoteProfile>> ReadAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, HubSpotDescriptor.MaxInputs);
        var living = await directory.ReadAsync(keys, fields, archived: false, cancellationToken);
        var profiles = new List<RemoteProfile>(keys.Count);
        var missing = new List<string>();
        foreach (var key in keys)
        {
            if (Found(living, key) is { } contact)
            {
                profiles.Add(new RemoteProfile(key, contact.Id, fields.Where(contact.Properties.ContainsKey).Distinct().ToDictionary(static name => name, name => contact.Properties[name])));
            }
            else
            {
                missing.Add(key);
            }
        }

        var deleted = await directory.ReadAsync(missing, [], archived: true, cancellationToken);
        foreach (var key in missing)
        {
            if (Found(deleted, key) is { } contact)
            {
                profiles.Add(new RemoteProfile(key, contact.Id, new Dictionary<string, string>()));
            }
        }

        return profiles;
    }

    /// <summary>Reads the contacts that have the ids, and no others: since a merge an id may lead to another contact, which has an id of its own.</summary>
    /// <exception cref="DestinationException">HubSpot did not answer.</exception>
    public async Task<IReadOnlyList<RemoteProfile>> FindAsync(IReadOnlyList<string> contactIds, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contactIds.Count, HubSpotDescriptor.MaxInputs);
        var rows = await directory.ReadRecordsAsync(contactIds, cancellationToken);
        return [.. rows.Where(row => contactIds.Contains(row.Contact.Id)).Select(row => new RemoteProfile(row.Key ?? "", row.Contact.Id, new Dictionary<string, string>()))];
    }

    private static Wire.ProfileRow? Found(KeyReading reading, string key)
    {
        var answer = reading.Of(key);
        return answer.Trouble is { } trouble
            ? throw new DestinationException(trouble.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, trouble.Code))
            : answer.Contact;
    }
}
