namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// Sends records in one call, and in halves where the vendor refuses a call for what may be the fault of one of them, until that one
/// stands alone.
/// </summary>
public static class Halves
{
    /// <summary>Sends records.</summary>
    /// <param name="whole">The records, or whatever a call holds one of per record.</param>
    /// <param name="mostCalls">Calls that this may take; one bad record of 300 takes 18.</param>
    /// <param name="send">Makes the call for a part and settles its records. Not asked for halves of a part of one.</param>
    /// <param name="isOver">True once no further call is worth making.</param>
    /// <returns>The records that no call was made for, because the calls were used up or it was over.</returns>
    public static async Task<IReadOnlyList<T>> SendAsync<T>(
        IReadOnlyList<T> whole, int mostCalls, Func<IReadOnlyList<T>, Task<Part>> send, Func<bool> isOver)
    {
        var parts = new Stack<IReadOnlyList<T>>([whole]);
        for (var calls = 0; calls < mostCalls && !isOver() && parts.TryPop(out var part); calls++)
        {
            if (part.Count > 0 && await send(part) == Part.Refused && part.Count > 1)
            {
                parts.Push([.. part.Skip(part.Count / 2)]);
                parts.Push([.. part.Take(part.Count / 2)]);
            }
        }

        return [.. parts.SelectMany(static part => part)];
    }
}

/// <summary>What came of a call for a part of the records.</summary>
public enum Part
{
    /// <summary>Its records are settled, or open for a later step.</summary>
    Sent,

    /// <summary>It was refused as a whole, for what may be one record's fault: try its halves.</summary>
    Refused,
}
