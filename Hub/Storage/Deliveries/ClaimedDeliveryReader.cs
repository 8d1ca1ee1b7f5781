using System.Data.Common;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>Reads claimed deliveries, whose columns stand in the same order in every claim.</summary>
internal static class ClaimedDeliveryReader
{
    public static ClaimedDelivery Read(DbDataReader reader, SealingKeys keys) => new()
    {
        DeliveryId = reader.GetInt64(0),
        RunId = reader.GetGuid(1),
        Audience = reader.GetString(2),
        Operation = OperationCode.ToOperation(reader.GetInt16(3)),
        Attempt = reader.GetInt32(4),
        ProfileId = reader.GetInt64(5),
        ExternalId = reader.TextOrNull(6),
        Email = reader.TextOrNull(7),
        Phone = reader.TextOrNull(8),
        AttributesJson = keys.OpenProfile(reader.GetInt64(5), reader.GetString(9)),
        ConsentJson = reader.GetString(10),
        ProfileVersion = reader.GetInt64(11),
        RemoteId = reader.TextOrNull(12),
        MaybeSent = reader.GetBoolean(13),
    };

    /// <summary>The place in the ledger of consent, in SQL: read in the statement that reads the people, so that it tells what was known of them.</summary>
    public const string Position = "(SELECT coalesce(max(position), 0) FROM consent_history)";

    /// <summary>What all columns of <see cref="ReadOfRun"/> end with, in SQL.</summary>
    public const string Tail = $"{Position}, {IsUnseen}";

    /// <summary>True in SQL of whom the destination did not show the last time, where its profile is <c>dp</c>.</summary>
    public const string IsUnseen = "dp.unseen_since IS NOT NULL";

    /// <summary>Reads a row of a run, which has four columns more.</summary>
    public static ClaimedDelivery ReadOfRun(DbDataReader reader, Lease lease, SealingKeys keys) =>
        Read(reader, keys) with { HasLeft = reader.GetBoolean(14), OwedSince = reader.Time(15), Decided = DecisionPoint.Of(lease, reader.GetInt64(16)), IsUnseen = reader.GetBoolean(17) };

    /// <summary>Reads a row of a live stream, or a letter that is sent again, which has nine columns more.</summary>
    public static ClaimedDelivery ReadLive(DbDataReader reader, SealingKeys keys) => Read(reader, keys) with
    {
        EventId = reader.IsDBNull(14) ? null : reader.GetGuid(14),
        SendingSince = reader.IsDBNull(15) ? null : reader.Time(15),
        EventJson = keys.OpenFact(reader, 14, 16),
        State = reader.IsDBNull(17) ? null : new LiveState(
            reader.GetBoolean(17), reader.GetBoolean(18), reader.GetBoolean(19), reader.GetBoolean(20), reader.GetBoolean(21), reader.IsDBNull(22) ? null : reader.GetGuid(22)),
    };

    /// <summary>What all columns of <see cref="ReadOwed"/> end with, in SQL.</summary>
    public const string TailOwed = $"{Tail}, {Ledger.ProfileMarks.InSql}, dp.profile_version, dp.plan_version";

    /// <summary>Reads a row of a live stream with what a change of identity, and what is held or was said by the vendor, needs, which are eighteen columns more.</summary>
    public static ClaimedDelivery ReadOwed(DbDataReader reader, Lease lease, SealingKeys keys) => ReadLive(reader, keys) with
    {
        OwedSince = reader.Time(23),
        IsJoined = reader.GetBoolean(21),
        NamedKey = reader.TextOrNull(24),
        Other = reader.IsDBNull(25) ? null : new OtherProfile(
            reader.GetInt64(25), reader.TextOrNull(26), reader.TextOrNull(27), reader.GetString(28), reader.GetInt64(29), reader.IsDBNull(30) ? null : reader.GetInt64(30), reader.TextOrNull(31), reader.GetBoolean(32)),
        IsKnown = reader.GetBoolean(33),
        LetterId = reader.IsDBNull(34) ? null : reader.GetInt64(34),
        IsOvertaken = reader.GetBoolean(35),
        Decided = DecisionPoint.Of(lease, reader.GetInt64(36)),
        IsUnseen = reader.GetBoolean(37),
        TimesJson = reader.TextOrNull(38),
        Confirmed = reader.IsDBNull(39) || reader.IsDBNull(40) ? null : (reader.GetInt64(39), reader.GetString(40)),
    };
}
