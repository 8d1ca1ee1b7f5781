namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>Something that a form asks for.</summary>
/// <param name="Name">Member of the command's body.</param>
/// <param name="Label">What people read.</param>
/// <param name="Kind"><c>text</c>, <c>number</c>, <c>check</c>, or <c>list</c> for a text that becomes a list of one.</param>
/// <param name="Value">What stands there first.</param>
/// <param name="Choices">What may be chosen; empty for anything.</param>
/// <param name="IsNeeded">Whether it may not be empty.</param>
internal sealed record Field(string Name, string Label, string Kind = "text", string Value = "", IReadOnlyList<string>? Choices = null, bool IsNeeded = false);
