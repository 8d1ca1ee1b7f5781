using System.Data.Common;
using MassTransit.EntityFrameworkCoreIntegration.Sql;

namespace MassTransit.EntityFrameworkCoreIntegration.Inbox;

/// <summary>What the inbox answered to a claim.</summary>
/// <param name="Id">The row.</param>
/// <param name="IsFirst">True for whoever may consume the message; false when it was consumed before.</param>
/// <param name="Consumed">When it was consumed, UTC.</param>
/// <param name="IsDelivered">True when nothing that the consumer sent is left to be sent.</param>
internal sealed record InboxEntry(long Id, bool IsFirst, DateTime Consumed, bool IsDelivered)
{
    public static async Task<InboxEntry> ReadAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        return new InboxEntry(reader.GetInt64(0), reader.GetInt32(1) == 1, EnvelopeTable.Time(reader, 2) ?? DateTime.MaxValue, !reader.IsDBNull(3));
    }
}
