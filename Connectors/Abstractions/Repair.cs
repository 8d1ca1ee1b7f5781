namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What a person has to do about a code by which a destination is misconfigured.</summary>
/// <param name="Concerns">What is wrong: <c>permissions</c>, <c>field</c>, <c>audience</c>, <c>address</c>, <c>account</c>, <c>events</c> or <c>settings</c>.</param>
/// <param name="Problem">What is wrong, one sentence that names the thing.</param>
/// <param name="Fix">What to do, one sentence or two.</param>
public sealed record Repair(string Concerns, string Problem, string Fix);
