namespace IntegrationHub.Storage.Backfills;

/// <summary>Whether records of a backfill may be written at this moment.</summary>
/// <param name="MayGo">They may, and their place in the run's rate is taken.</param>
/// <param name="Wait">How long to wait before it is asked again, because the rate is used up; null when they may go, or may not until the run is delivered again.</param>
public readonly record struct BackfillAdmission(bool MayGo, TimeSpan? Wait = null);
