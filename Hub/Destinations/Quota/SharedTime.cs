namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>
/// The time by which tokens rest and leases end: the database's clock, but never faster than the clock of an instance that has watched it since
/// its last exchange. A step of the database's clock moves nothing: forward it is held to what the witness saw, backward it stands for a moment.
/// </summary>
internal sealed class SharedTime
{
    /// <summary>The shared time; only differences mean something.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>The database's clock at the last exchange.</summary>
    public DateTimeOffset Seen { get; set; }

    /// <summary>Moves the time on.</summary>
    /// <param name="clock">The database's clock.</param>
    /// <param name="witness">What the instance saw pass; without it, time stands until its next exchange.</param>
    public DateTimeOffset Advance(DateTimeOffset clock, QuotaWitness? witness)
    {
        if (Seen == default)
        {
            Now = clock;
        }
        else if (clock > Seen && witness is not null)
        {
            var seen = witness.Time + witness.Elapsed;
            var passed = Now + (clock - Seen);
            Now = passed < seen ? passed : seen > Now ? seen : Now;
        }

        Seen = clock;
        return Now;
    }
}
