namespace IntegrationHub.Hub.DeadLetters;

/// <summary>Why nothing was done with dead letters.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">Kebab-case name of the problem; stable.</param>
/// <param name="Field">Field of the request that is meant.</param>
/// <param name="Detail">What is wrong and what to do, without personal data.</param>
/// <param name="Count">How many letters there are now, where that is what moved; else null.</param>
internal sealed record LetterRefusal(int Status, string Type, string Field, string Detail, long? Count = null);
