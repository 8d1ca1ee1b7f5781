namespace IntegrationHub.Storage.Reconciliations;

/// <summary>What one comparison came to: a point of the trend.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ComparedAt">When everything was compared.</param>
/// <param name="Expected">Members that the hub believed in.</param>
/// <param name="Missing">People who should be members and are not.</param>
/// <param name="Unexpected">Members who should not be there.</param>
/// <param name="Different">People of whom a field differs.</param>
/// <param name="Duplicates">Keys under which the vendor has several people.</param>
/// <param name="Volumes">Kinds of events of which a number does not come out.</param>
/// <param name="MatchRate">Share of the audience's people whom the destination has, 0 to 1; null of nobody, and where it was not counted.</param>
public sealed record ComparisonMark(
    Guid RunId, DateTimeOffset ComparedAt, long Expected, long Missing, long Unexpected, long Different, long Duplicates, long Volumes, double? MatchRate);
