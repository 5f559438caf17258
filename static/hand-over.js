// Go on to the organization's desk at once; without this a click does.
document.getElementById("hand-over")?.submit();
