namespace IntegrationHub.Storage.Reconciliations;

/// <summary>How many members a comparison would have to look at.</summary>
/// <param name="Members">Members that the hub believes in.</param>
/// <param name="Unmarked">Of those, members of whom it is not known that they were the same when they were read (<see cref="FieldMarks"/>).</param>
public sealed record MemberCount(long Members, long Unmarked);
