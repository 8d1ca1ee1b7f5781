namespace IntegrationHub.Storage.Deliveries;

/// <summary>A vendor call that writes people, from before its bytes are written until its answer was read.</summary>
/// <param name="CallId">Its id.</param>
/// <param name="Destination">Where it goes.</param>
/// <param name="Owner">Owner of the lease under which it is made.</param>
/// <param name="BatchId">The batch that it belongs to; calls of one batch do not stand in each other's way.</param>
/// <param name="Names">Every name of everybody whom it writes: <see cref="NameOf(long)"/> and <see cref="NameOf(Guid)"/>.</param>
/// <param name="Longest">How long it is taken to go on when nobody says that it ended.</param>
public sealed record CallUnderWay(Guid CallId, string Destination, string Owner, Guid BatchId, long[] Names, TimeSpan Longest)
{
    /// <summary>The lease under which it is made; null for a call that needs none.</summary>
    public Lease? Under { get; init; }

    /// <summary>Names a person by profile.</summary>
    public static long NameOf(long profileId) => profileId;

    /// <summary>Names a person by the key that is sent: two profiles may be one person to the vendor. Never the name of a profile.</summary>
    /// <param name="keyHash"><see cref="KeyHash"/> of the key as the vendor compares it.</param>
    public static long NameOf(Guid keyHash)
    {
        Span<byte> bytes = stackalloc byte[16];
        keyHash.TryWriteBytes(bytes);
        return BitConverter.ToInt64(bytes) | long.MinValue;
    }
}
