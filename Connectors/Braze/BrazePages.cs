using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Lists that Braze tells page by page, each page naming the next in a header.</summary>
internal static class BrazePages
{
    /// <summary>Reads until the taker has enough or the list ends.</summary>
    /// <param name="read">Reads the first page, or the one of a cursor.</param>
    /// <param name="take">Takes a page; false when no further one is needed.</param>
    /// <returns>False when the key may not read the list.</returns>
    /// <exception cref="DestinationException">The list could not be read, or has no end.</exception>
    public static async Task<bool> ReadAsync<T>(Func<string?, Task<BrazeAnswer<T>>> read, Func<T, bool> take)
        where T : class, IBrazeBody
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        for (var cursor = default(string); ;)
        {
            var answer = await read(cursor);
            if (BrazePermissions.Lacks(answer.Status))
            {
                return false;
            }

            if (BrazeSender.ConditionOf(answer) is { } condition)
            {
                throw new DestinationException(condition);
            }

            var goesOn = take(answer.Body!);
            cursor = answer.Next;
            if (cursor is null || !goesOn)
            {
                return true;
            }

            if (!asked.Add(cursor))
            {
                throw new DestinationException(new DestinationCondition(DestinationTrouble.Unavailable, "braze_endless_list"));
            }
        }
    }
}
