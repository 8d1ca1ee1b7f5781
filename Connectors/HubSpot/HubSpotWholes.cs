using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Reads a contact with every property that the account has and the app may see.</summary>
internal sealed class HubSpotWholes(HubSpotFields properties, HubSpotDirectory directory)
{
    /// <summary>Properties per call. No page names a limit; an account may have a thousand of its own.</summary>
    private const int AtOnce = 500;

    /// <summary>
    /// "Unsubscribed from all email", HubSpot's own read-only mirror of the opt-out: what it holds, https://community.hubspot.com/t5/CRM/Handling-Marketing-Contact-Status-and-Opt-Outs-when-importing/m-p/623337;
    /// its definition as a connector of Hull recorded it from the account's list of properties.
    /// </summary>
    private const string OptedOut = "hs_email_optout";

    /// <exception cref="DestinationException">HubSpot did not answer.</exception>
    public async Task<IReadOnlyList<ShownPerson>> ReadAsync(string key, CancellationToken cancellationToken)
    {
        var defined = (await properties.ListAsync(cancellationToken)).Where(property => property.Name is not null).DistinctBy(property => property.Name).ToDictionary(property => property.Name!);
        var (fields, id) = (new Dictionary<string, ShownField>(), (string?)null);
        foreach (var names in defined.Keys.Chunk(AtOnce))
        {
            var answer = (await directory.ReadAsync([key], names, archived: false, cancellationToken)).Of(key);
            if (answer.Trouble is { } trouble)
            {
                throw new DestinationException(trouble.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, trouble.Code));
            }

            if (answer.Contact is not { } contact)
            {
                return [];
            }

            id = contact.Id;
            foreach (var (name, value) in contact.Properties.Where(property => defined.ContainsKey(property.Key) && property.Value is not ("null" or "\"\"")))
            {
                fields[name] = new ShownField(name, value, defined[name].HubSpotDefined ?? true);
            }
        }

        return [new ShownPerson(id, [.. fields.Values]) { IsOptedOut = !defined.ContainsKey(OptedOut) ? null : fields.GetValueOrDefault(OptedOut)?.Value.Trim('"') == "true" }];
    }
}
